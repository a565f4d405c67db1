import { Option } from 'commander';
import { type IdentityId, isTooLarge, largestIntegerId, parsePathId, stringIdWords } from '../core/identity-id.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

export type IdType = 'integer' | 'string';

/** `--type`: 2576 and "2576" are two people, and an argument does not say which is meant. */
export function idTypeOption(): Option {
  return new Option('--type <type>', 'what an id of digits is (default: integer)').choices(['integer', 'string']);
}

/** @throws CliError where it is no id */
export function toId(text: string, type?: IdType): IdentityId {
  const id = parsePathId(text, type);
  if (id !== null) return id;
  const expected = type === 'integer' ? 'digits' : `digits, or ${stringIdWords}`;
  const message = isTooLarge(text, type)
    ? `The id: integers end at ${largestIntegerId}, got ${text}; --type string takes it as a string`
    : `The id: expected ${expected}, got ${JSON.stringify(text)}`;
  throw new CliError('USAGE', message, exitCodes.usage);
}
