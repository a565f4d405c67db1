import { StatusError } from './status-error.ts';

/** Values by name; no values for a name means its default, when they are sent. */
export type SettingValues = Readonly<Record<string, readonly string[]>>;

export type TraceSettings = {
  /**
   * Sets what is named (nothing: only reads), for one model or, with an empty name, for all that have no setting of their own.
   * Unknown names are ignored, as a real Triton does.
   * @returns the settings as they are then
   * @throws StatusError; nothing is set then
   */
  update(settings: SettingValues, modelName: string): SettingValues;
};

type Overrides = ReadonlyMap<string, string>;

const defaults = { trace_rate: '1000', trace_count: '-1', log_frequency: '0' } as const;

/**
 * The answers of Triton's TraceSetting, by those of a real Triton 2.51 that was started without a trace file. Settings are
 * checked, kept and told again, and have no other effect: the embedded server writes no traces.
 */
export function createTraceSettings(isKnown: (modelName: string) => boolean): TraceSettings {
  let common: Overrides = new Map();
  const ofModels = new Map<string, Overrides>();
  return {
    update(settings, modelName) {
      if (modelName !== '' && !isKnown(modelName)) throw invalid(`Request for unknown model : ${modelName}`);
      const own = (modelName === '' ? common : ofModels.get(modelName)) ?? new Map();
      const updated = withSettings(own, settings);
      if (modelName === '') common = updated;
      else if (updated.size === 0) ofModels.delete(modelName);
      else ofModels.set(modelName, updated);
      const values = { ...defaults, ...Object.fromEntries(common), ...Object.fromEntries(updated) };
      return {
        trace_file: [''],
        trace_level: ['OFF'],
        trace_mode: ['triton'],
        ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]])),
      };
    },
  };
}

function withSettings(overrides: Overrides, settings: SettingValues): Overrides {
  if (settings.trace_file !== undefined) {
    throw new StatusError('UNIMPLEMENTED', 'trace file location can not be updated through network protocol');
  }
  const levels = settings.trace_level ?? [];
  if (levels.includes('OFF') && levels.length > 1) throw invalid("Expect only one trace level 'OFF' is specified");
  const updated = new Map(overrides);
  for (const name of ['trace_rate', 'trace_count', 'log_frequency'] as const) {
    const values = settings[name];
    if (values === undefined) continue;
    if (values.length === 0) updated.delete(name);
    else updated.set(name, parseValue(name, values));
  }
  // Other words are no levels, and ignored.
  if (levels.some(level => level === 'TIMESTAMPS' || level === 'TENSORS')) {
    throw invalid('Attempting to set invalid trace setting :trace file name is not given');
  }
  return updated;
}

/** A whole number as C++'s `stoi` reads it: what follows the digits is ignored. Rates turn negative numbers into 2^32 minus them. */
function parseValue(name: keyof typeof defaults, values: readonly string[]): string {
  const [text = ''] = values;
  if (values.length > 1) throw invalid(`expect only 1 value for '${name}'`);
  const digits = /^\s*([+-]?\d+)/.exec(text)?.[1];
  if (digits === undefined) throw invalid(`Unable to parse '${name}', got: ${text}`);
  const number = Number(digits);
  const isCount = name === 'trace_count';
  if (number !== (number | 0)) {
    const range = isCount ? '[ -1, 2147483647 ]' : '[ 0, 4294967295 ]';
    throw invalid(`Unable to parse '${name}', value is out of range ${range}, got: ${text}`);
  }
  if (isCount && number < -1) throw invalid(`Unable to parse '${name}'. Expecting value >= -1, got: ${text}`);
  return String(isCount ? number : number >>> 0);
}

function invalid(message: string): StatusError {
  return new StatusError('INVALID_ARGUMENT', message);
}
