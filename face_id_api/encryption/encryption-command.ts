import { Command } from 'commander';
import { ServiceError } from '../../detector/errors.ts';
import type { AuditAction } from '../audit/audit-line.ts';
import type { EncryptionConfig, StoreConfig } from '../config.ts';
import type { SealedState, StoreConversion } from '../store/open-conversion.ts';
import type { Conversion, Converted } from './conversion.ts';
import { EncryptionError } from './encryption-error.ts';
import { eitherKey, type MasterKey } from './master-key.ts';
import { readKeyFile, readMasterKey } from './read-master-key.ts';
import { writeKeyFile } from './write-key-file.ts';

export type EncryptionCommandDeps = {
  readonly config: () => Promise<{
    readonly encryption: EncryptionConfig;
    readonly store: StoreConfig;
    readonly data_dir: string;
  }>;
  /** Lines for people. */
  readonly print: (line: string) => void;
};

type Rotation = { readonly newKeyFile?: string; readonly renew?: boolean };

/** `gallery encryption`, with `new-key`, `status`, `on`, `off` and `rotate`. Each change is whole or not at all, also under kill -9. */
export function createEncryptionCommand({ config, print }: EncryptionCommandDeps): Command {
  const command = new Command('encryption').description('encrypt the vectors that are kept, and change the key');

  command
    .command('new-key')
    .description('make a key and write it into a new file, for its owner alone')
    .requiredOption('--out <file>', 'where to')
    .action(async ({ out }: { out: string }) => {
      await writeKeyFile(out);
      const { id } = await readKeyFile(out);
      print(
        `${out} holds the new key ${id}. Keep a copy elsewhere: without it nothing that it encrypts can be read again.`,
      );
    });

  command
    .command('status')
    .description('whether galleries are encrypted and rotated, under which key, and whether that is the configured one')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) =>
      use(async store => {
        const state = await store.state();
        // As JSON there is one answer alone: what is there, or that it cannot be opened.
        if (!json) for (const line of describe(state)) print(line);
        expectOpens(await readMasterKey((await config()).encryption), state);
        if (json) print(JSON.stringify(state));
      }),
    );

  command
    .command('on')
    .description('encrypt the galleries as the configuration asks for, and wipe what was there in plain')
    .action(() =>
      use(async store => {
        const key = await configuredKey();
        const { rotate_vectors: rotate } = (await config()).encryption;
        await convert(store, 'encryption.on', { from: key, to: key, rotate, renew: false });
        print(`Key ${key.id} opens the galleries.`);
      }),
    );

  command
    .command('off')
    .description('keep vectors in plain again, as the model makes them')
    .action(() =>
      use(async store => {
        const key = await configuredKey();
        await convert(store, 'encryption.off', { from: key, to: null, rotate: false, renew: false });
        print('The galleries are plain. Take the key out of the configuration: encryption.key_file: null.');
      }),
    );

  command
    .command('rotate')
    .description('change the key; with --renew also everything that was ever encrypted with what it protects')
    .option('--new-key-file <file>', 'the key that opens the galleries from then on')
    .option('--renew', 'encrypt and rotate every vector anew, under secrets that nobody had before')
    .action((asked: Rotation) => use(store => rotate(store, asked)));
  return command;

  async function rotate(store: StoreConversion, { newKeyFile, renew = false }: Rotation): Promise<void> {
    const old = await configuredKey();
    const to = newKeyFile === undefined ? old : await readKeyFile(newKeyFile);
    if (to.id === old.id && !renew)
      throw new EncryptionError('rotate: expected --new-key-file with another key, or --renew');
    const { key, galleries } = await store.state();
    if (key === null && galleries.every(({ rotation }) => rotation === null)) {
      throw new EncryptionError('The galleries are not encrypted: run `face-id gallery encryption on`');
    }
    const { rotate_vectors } = (await config()).encryption;
    // Where it was cut off some may be under the new key already.
    const conversion = { from: eitherKey(old, to), to, rotate: rotate_vectors, renew };
    await convert(store, 'encryption.rotate', conversion);
    print(`Key ${to.id} opens the galleries, and no other does.`);
    if (newKeyFile !== undefined) {
      print(`Set encryption.key_file to ${newKeyFile}, and keep the old key as long as backups made under it.`);
    }
  }

  /** Between two lines of the audit log, which names keys by their ids. */
  async function convert(store: StoreConversion, action: AuditAction, conversion: Conversion): Promise<void> {
    const { key, galleries } = await store.state();
    const from = key ?? galleries.find(({ rotation }) => rotation !== null)?.rotation ?? null;
    const details = { from, to: conversion.to?.id ?? null, renew: conversion.renew, galleries: galleries.length };
    const { auditWork } = await import('../audit/audit-work.ts');
    const converted = await auditWork(
      (await config()).data_dir,
      { action, details },
      () => store.convert(conversion),
      ({ rewritten, turned }) => ({ rewritten, rotated: turned.length }),
    );
    tell(converted);
  }

  async function configuredKey(): Promise<MasterKey> {
    const key = await readMasterKey((await config()).encryption);
    if (key !== null) return key;
    throw new EncryptionError(
      'encryption.key_file: expected the file of a key; `face-id gallery encryption new-key` makes one',
    );
  }

  /** The configured store, which no service may have open. */
  async function use(work: (store: StoreConversion) => Promise<void>): Promise<void> {
    const { store: storeConfig, data_dir: dataDir } = await config();
    const { openConversion } = await import('../store/open-conversion.ts');
    const store = await openConversion(storeConfig, dataDir);
    try {
      await work(store);
    } catch (error) {
      throw error instanceof ServiceError ? new EncryptionError(error.message, { cause: error }) : error;
    } finally {
      await store.close();
    }
  }

  function tell({ rewritten, turned }: Converted): void {
    const rotated = turned.length === 0 ? '' : `; rotated anew: ${turned.join(', ')}`;
    print(rewritten === 0 ? 'No vector had to be rewritten.' : `${rewritten} vectors were rewritten${rotated}.`);
  }
}

/** @throws EncryptionError where something is encrypted or rotated under another key; without any key that is no error */
function expectOpens(configured: MasterKey | null, { key, galleries }: SealedState): void {
  if (configured === null) return;
  const ids = new Set([key, ...galleries.map(({ rotation }) => rotation)].filter(id => id !== null));
  const others = [...ids].filter(id => id !== configured.id);
  if (others.length === 0) return;
  throw new EncryptionError(
    `The configured key ${configured.id} opens nothing that is under key ${others.join(' or ')}: set encryption.key_file to the file of ` +
      'that key',
  );
}

function describe({ key, galleries }: SealedState): string[] {
  return [
    key === null ? 'Vectors are not encrypted.' : `Vectors are encrypted under key ${key}.`,
    ...galleries.map(({ name, rotation }) =>
      rotation === null ? `  ${name}: not rotated` : `  ${name}: rotated by a secret under key ${rotation}`,
    ),
  ];
}
