import { StatusError } from './status-error.ts';

export type LogValue = boolean | number | string;

export type LogSettings = {
  /**
   * Sets what is named (nothing: only reads). Unknown names are ignored, as a real Triton does.
   * @param settings undefined for a value of no kind
   * @returns the settings as they are then
   * @throws StatusError; what was set before the wrong one stays, as in a real Triton
   */
  update(settings: Readonly<Record<string, LogValue | undefined>>): Readonly<Record<string, LogValue>>;
};

const formats: readonly LogValue[] = ['default', 'ISO8601'];

/**
 * The answers of Triton's LogSettings, by those of a real Triton 2.51. Settings are checked, kept and told again, and have no
 * other effect: what the embedded server logs is the business of the process that it runs in.
 */
export function createLogSettings(): LogSettings {
  const values: Record<string, LogValue> = {
    log_file: '',
    log_info: true,
    log_warning: true,
    log_error: true,
    log_verbose_level: 0,
    log_format: 'default',
  };
  return {
    update(settings) {
      if (Object.hasOwn(settings, 'log_file')) {
        throw new StatusError('UNIMPLEMENTED', 'log file location can not be updated through network protocol');
      }
      for (const [name, current] of Object.entries(values)) {
        if (Object.hasOwn(settings, name)) values[name] = check(name, settings[name], current);
      }
      return { ...values };
    },
  };
}

function check(name: string, value: LogValue | undefined, current: LogValue): LogValue {
  if (typeof value !== typeof current || value === undefined) {
    const kind = { boolean: 'boolean', number: 'int32', string: 'string' }[String(typeof current)];
    throw new StatusError('INVALID_ARGUMENT', `expect ${kind} for '${name}'`);
  }
  if (name === 'log_format' && !formats.includes(value)) {
    throw new StatusError('INVALID_ARGUMENT', `invalid argument for log_format, got: ${value}`);
  }
  // Triton takes 32 bits without a sign, reads them with one, and takes 0 for what is negative.
  return typeof value === 'number' && value > 0x7fff_ffff ? 0 : value;
}
