import { InvalidArgumentError } from 'commander';

/** Collects `--meta key=value`. Values stay text. */
export function metadataOption(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('expected key=value.');
  return { ...before, [key]: value };
}
