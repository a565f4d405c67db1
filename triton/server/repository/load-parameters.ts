import { StatusError } from '../status-error.ts';

/** Parameters of model control, as gRPC and HTTP both carry them. */
export type ControlParameters = Readonly<Record<string, boolean | bigint | string | Uint8Array>>;

/** What a load takes in place of what the repository holds. */
export type LoadOverride = {
  /** JSON of a ModelConfig. */
  readonly config?: string;
  /** A whole model folder, by paths in it. Empty: the repository's. */
  readonly files: ReadonlyMap<string, Uint8Array>;
};

const filePrefix = 'file:';

/**
 * Reads the parameters of a load: `config`, and `file:<path>` for each file.
 * @throws StatusError `INVALID_ARGUMENT` for others, and for values of another type
 */
export function readLoadParameters(parameters: ControlParameters): LoadOverride {
  const files = new Map<string, Uint8Array>();
  for (const [key, value] of Object.entries(parameters)) {
    if (key.startsWith(filePrefix)) {
      if (!(value instanceof Uint8Array)) throw wrongType(`load parameter '${key}'`, 'bytes_param');
      files.set(key.slice(filePrefix.length), value);
    } else if (key !== 'config') {
      throw new StatusError('INVALID_ARGUMENT', `unrecognized load parameter '${key}'.`);
    }
  }
  const { config } = parameters;
  if (config !== undefined && typeof config !== 'string') throw wrongType("load parameter 'config'", 'string_param');
  return { ...(config !== undefined && { config }), files };
}

/**
 * Checks the parameters of an unload. `unload_dependents` would unload what an ensemble is made of, and no model here is one;
 * others are ignored, as a real Triton does.
 * @throws StatusError `INVALID_ARGUMENT` for a value of another type
 */
export function checkUnloadParameters({ unload_dependents: dependents }: ControlParameters): void {
  if (dependents !== undefined && typeof dependents !== 'boolean') {
    throw wrongType("'unload_dependents' parameter", 'bool_param');
  }
}

function wrongType(what: string, expected: string): StatusError {
  return new StatusError('INVALID_ARGUMENT', `invalid value type for ${what}, expected ${expected}.`);
}
