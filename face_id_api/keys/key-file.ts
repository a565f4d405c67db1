import path from 'node:path';
import { z } from 'zod';
import { keyIdPattern } from '../core/api-key.ts';
import { scopes } from '../core/scope.ts';
import { KeysError } from './keys-error.ts';

/** Where keys are kept unless `api.keys_file` names another place. */
export function keysFileOf(config: { readonly api: { readonly keys_file: string | null }; readonly data_dir: string }) {
  return config.api.keys_file ?? path.join(config.data_dir, 'keys.json');
}

export const keyNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'expected 1 to 64 characters of [A-Za-z0-9_.-], a letter or digit first');

export const scopesSchema = z
  .array(z.enum(scopes))
  .min(1)
  .refine(given => new Set(given).size === given.length, 'expected each scope once');

const time = z.iso.datetime();

const storedKeySchema = z.strictObject({
  id: z.string().regex(keyIdPattern),
  /** Several keys have one name while one of them is being rotated out. */
  name: keyNameSchema,
  scopes: scopesSchema,
  /** Of the whole key as its owner has it, in hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  created: time,
  expires: time.nullable(),
});

const keyFileSchema = z.strictObject({
  version: z.literal(1),
  keys: z
    .array(storedKeySchema)
    .max(10_000)
    .refine(keys => new Set(keys.map(({ id }) => id)).size === keys.length, 'expected every id once'),
});

export type StoredKey = Readonly<z.infer<typeof storedKeySchema>>;

/**
 * The keys in a file's text.
 * @throws KeysError that lists what is wrong, without any of its values
 */
export function parseKeyFile(text: string, file: string): readonly StoredKey[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // Without the cause: V8 quotes what it could not read.
    throw new KeysError(`${file} is not valid JSON`);
  }
  const parsed = keyFileSchema.safeParse(content);
  if (parsed.success) return parsed.data.keys;
  const issues = parsed.error.issues.map(({ path, message }) => `  ${path.join('.') || '(top level)'}: ${message}`);
  throw new KeysError([`${file} is not a file of keys:`, ...issues].join('\n'));
}

export function formatKeyFile(keys: readonly StoredKey[]): string {
  return `${JSON.stringify({ version: 1, keys }, null, 2)}\n`;
}

/** Whether a key is past its time at `now`, in milliseconds since 1970. */
export function isExpired({ expires }: Pick<StoredKey, 'expires'>, now: number): boolean {
  return expires !== null && Date.parse(expires) <= now;
}
