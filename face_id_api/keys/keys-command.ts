import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import type { AuditAction, AuditLine } from '../audit/audit-line.ts';
import { readTime } from '../cli/parse-time.ts';
import { parseDuration } from '../core/duration.ts';
import { type Scope, scopes } from '../core/scope.ts';
import { changeKeyFile, readKeyFile } from './change-key-file.ts';
import { addKey, type IssuedKey, issueKey, removeKeys, rotateKey } from './issue-key.ts';
import { isExpired, keyNameSchema, type StoredKey, scopesSchema } from './key-file.ts';

export type KeyAction = Extract<AuditAction, `key.${string}`>;

export type KeysCommandDeps = {
  /** The file of the configuration. */
  readonly file: () => Promise<string>;
  /** Runs a change that the audit log is to know of. */
  readonly audited: <T>(action: KeyAction, details: AuditLine['details'], work: () => Promise<T>) => Promise<T>;
  /** What was asked for, on standard output: a key stands alone on its line. */
  readonly print: (line: string) => void;
  /** What people may want to know besides, on standard error. */
  readonly note: (line: string) => void;
};

type Asked = { readonly json?: true };

/** `keys`, with `add`, `list`, `remove` and `rotate`. A running service sees a change within seconds. */
export function createKeysCommand({ file, audited, print, note }: KeysCommandDeps): Command {
  const command = new Command('keys').description('the API keys: who may do what');

  command
    .command('add')
    .description('make a key; it is shown once')
    .argument('<name>', 'who or what has it', parseName)
    .requiredOption('--scope <scopes>', `what it may do: ${scopes.join(', ')}; several with commas`, parseScopes)
    .option('--expires <time>', 'after how long it ends (90d, 12h), or when (2027-01-31)', parseExpiry)
    .option('--json', 'as JSON')
    .action(async (name: string, asked: Asked & { scope: Scope[]; expires?: Date }) => {
      const { scope, expires = null } = asked;
      const issued = issueKey({ name, scopes: scope, now: new Date(), expires });
      const place = await file();
      await audited('key.add', { name, scopes: scope, id: issued.stored.id }, () =>
        changeKeyFile(place, keys => addKey(keys, issued)),
      );
      show(issued, asked);
    });

  command
    .command('list')
    .description('the keys, without their secrets')
    .option('--json', 'as JSON')
    .action(async (asked: Asked) => {
      const keys = (await readKeyFile(await file())).map(withoutHash);
      if (asked.json) return print(JSON.stringify(keys));
      if (keys.length === 0) return print('There are no keys.');
      print(tableOf(keys));
    });

  command
    .command('remove')
    .description('remove a key, and those that were rotated to it')
    .argument('<name>', 'whose', parseName)
    .option('--json', 'as JSON')
    .action(async (name: string, asked: Asked) => {
      const place = await file();
      let left = 0;
      await audited('key.remove', { name }, () =>
        changeKeyFile(place, keys => {
          const kept = removeKeys(keys, name);
          left = kept.length;
          return kept;
        }),
      );
      print(asked.json ? JSON.stringify({ removed: name }) : `Removed ${name}: it stops working within seconds.`);
      if (left === 0)
        note(`No key is left, and every call needs one. To do without keys, delete ${place} and restart.`);
    });

  command
    .command('rotate')
    .description('replace a key by a new one with the same scopes; it is shown once')
    .argument('<name>', 'whose', parseName)
    .option('--grace <time>', 'how long the old one still works (1h, 7d); 0s: not at all', parseGrace, 0)
    .option('--expires <time>', 'when the new one ends; otherwise when the old one would have', parseExpiry)
    .option('--json', 'as JSON')
    .action(async (name: string, asked: Asked & { grace: number; expires?: Date }) => {
      const { grace: graceMs, expires } = asked;
      let issued: IssuedKey | undefined;
      const place = await file();
      await audited('key.rotate', { name, grace_ms: graceMs }, () =>
        changeKeyFile(place, keys => {
          const rotated = rotateKey(keys, { name, now: new Date(), graceMs, expires });
          issued = rotated.issued;
          return rotated.keys;
        }),
      );
      if (issued) show(issued, asked);
    });
  return command;

  function show({ key, stored }: IssuedKey, { json }: Asked): void {
    print(json ? JSON.stringify({ ...withoutHash(stored), key }) : key);
    if (!json) note('Shown this once; only its hash is kept. Send it as x-api-key, or as Authorization: Bearer.');
  }
}

function withoutHash({ sha256, ...rest }: StoredKey): Omit<StoredKey, 'sha256'> {
  return rest;
}

function tableOf(keys: readonly Omit<StoredKey, 'sha256'>[]): string {
  const table = new Table({
    head: ['name', 'scopes', 'created', 'expires', 'id'],
    style: { head: [], border: [], compact: true },
  });
  const now = Date.now();
  const minute = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`;
  for (const key of keys) {
    const { name, scopes, created, expires, id } = key;
    const end = expires === null ? 'never' : `${minute(expires)}${isExpired(key, now) ? ' (expired)' : ''}`;
    table.push([name, scopes.join(','), minute(created), end, id]);
  }
  return table.toString();
}

function parseName(text: string): string {
  const parsed = keyNameSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? '');
}

function parseScopes(text: string): Scope[] {
  const parsed = scopesSchema.safeParse(text.split(',').map(scope => scope.trim()));
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`expected some of ${scopes.join(', ')}, each once, with commas between them`);
}

function parseGrace(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  throw new InvalidArgumentError('expected a time such as 30m, 1h or 7d');
}

function parseExpiry(text: string): Date {
  const ms = parseDuration(text);
  const end = ms === null ? readTime(text) : new Date(Date.now() + ms);
  if (end !== null && end.getTime() > Date.now()) return end;
  throw new InvalidArgumentError('expected a time such as 90d, or a day to come such as 2027-01-31');
}
