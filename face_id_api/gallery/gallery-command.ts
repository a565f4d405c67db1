import { readFile } from 'node:fs/promises';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { copyStore } from '../archive/copy-store.ts';
import { exportGallery } from '../archive/export-gallery.ts';
import { type Imported, importGallery } from '../archive/import-gallery.ts';
import { createAuditCommand } from '../audit/audit-command.ts';
import { type ConsentOptions, consentOf, withConsentOptions } from '../cli/consent-options.ts';
import { duplicatesText } from '../cli/duplicates-text.ts';
import { type IdType, idTypeOption } from '../cli/identity-argument.ts';
import type { FaceIdClient } from '../client/index.ts';
import type { GateMode } from '../core/gate-mode.ts';
import type { CountProgress } from '../count-progress.ts';
import type { Records } from '../open-records.ts';
import { besideCommands, type EngineOpener } from '../reembed/beside-commands.ts';
import { isBeside } from '../store/beside-name.ts';
import { consentRule } from '../store/gallery-rules.ts';
import type { Gallery, GalleryModel, Store } from '../store/store.ts';
import { createArchive, openArchive } from './archive-file.ts';
import type { PersonPhotos } from './bulk-enrol.ts';
import { type BulkReports, describeBulk, enrolAll, givenConsent } from './enrol-all.ts';
import { createEnrolClient } from './enrol-client.ts';
import { expectWritable } from './expect-writable.ts';
import { GalleryError, guarded } from './gallery-error.ts';
import { galleryOption, urlOption } from './gallery-options.ts';
import { gateOption } from './gate-option.ts';
import { importConfig } from './import-config.ts';
import { listFolder } from './list-folder.ts';
import { readPhotoList } from './read-photo-list.ts';
import { readPtEmbeddings } from './read-pt-embeddings.ts';
import { createSubjectCommand } from './subject-command.ts';
import { createSweepCommand } from './sweep-command.ts';

export type GalleryCommandDeps = {
  /** Runs work on the store of the configuration, or of another file's, and the model that it is opened with. */
  readonly withStore: (
    work: (store: Store, model: GalleryModel, records: Omit<Records, 'close'>) => Promise<void>,
    config?: string,
  ) => Promise<void>;
  /** Of the configuration. */
  readonly dataDir: () => Promise<string>;
  /** Runs work on an API over the configured store, at its base URL and with a key to it. */
  readonly withApi: (work: (apiUrl: string, apiKey: string) => Promise<void>) => Promise<void>;
  /** Runs work on what finds and embeds faces, with another embedder than the configured one where one is named. */
  readonly withEngine: EngineOpener;
  /** The API at a base URL, by default with the key that the environment names and until the command is interrupted. */
  readonly connect: (apiUrl: string, gallery: string, apiKey?: string, signal?: AbortSignal) => FaceIdClient;
  readonly progress: (what: string) => CountProgress;
  readonly input: Readable;
  readonly output: Writable;
  /** Lines for people. */
  readonly print: (line: string) => void;
  /** People that are enrolled at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
};

type InGallery = { readonly gallery: string };
type Bulk = InGallery &
  BulkReports &
  ConsentOptions & { readonly url?: string; readonly gate?: GateMode; readonly type?: IdType };

/** Identities of .pt files that are durable together. */
const batchSize = 200;

/** `gallery`, with everything over galleries as a whole, and over what is written down about them. */
export function createGalleryCommand(deps: GalleryCommandDeps): Command {
  const { withStore, withApi, connect, progress, print, signal } = deps;
  const command = new Command('gallery').description('export, import, copy, fill, sweep and re-embed galleries; audit');

  command
    .command('export')
    .description('write a gallery as lines of JSON')
    .option(...galleryOption)
    .option(...urlOption)
    .option('--out <file>', 'file to write (default: standard output)')
    .action(async ({ gallery: name, url, out }: InGallery & { url?: string; out?: string }) => {
      if (out !== undefined) await expectWritable('--out', out);
      const write = async (lines: Readable): Promise<void> => {
        const target = out === undefined ? deps.output : createArchive(out);
        await pipeline(lines, target, { signal, end: out !== undefined });
      };
      if (url !== undefined) {
        const { galleries } = connect(url, name);
        return write(Readable.fromWeb(await galleries.exportStream(name, { signal })));
      }
      await guarded(() =>
        withStore(async store => {
          const gallery = store.gallery(name);
          await write(Readable.from(exportGallery(gallery, await gallery.describe(), new Date())));
        }),
      );
    });

  command
    .command('import')
    .description('read an archive, or embeddings of an older deployment, into a gallery; it is made if need be')
    .argument('[file]', 'the archive (default: standard input)')
    .option(...galleryOption)
    .option(...urlOption)
    .option('--pt-emb <dir>', 'folder with one tensor file ID.pt per person, in place of an archive')
    .option('--model <name>', 'the model that made these tensors')
    .action(async (file: string | undefined, asked: InGallery & { url?: string; ptEmb?: string; model?: string }) => {
      const archive = async (): Promise<Readable> => (file === undefined ? deps.input : await openArchive(file));
      if (asked.url !== undefined) {
        if (asked.ptEmb !== undefined)
          throw new GalleryError('--pt-emb: expected no --url; tensors go into the store itself');
        const { galleries } = connect(asked.url, asked.gallery);
        const lines = await archive();
        await galleries.put(asked.gallery, { signal });
        const { refused_count: refusedCount, ...rest } = await galleries.import(asked.gallery, lines, { signal });
        return finishImport({ ...rest, refusedCount });
      }
      const importHere = () =>
        withStore(async (store, model, { retention }) => {
          if (asked.ptEmb !== undefined) {
            const gallery = await madeGallery(store, asked.gallery, model);
            if (retention.require_consent)
              throw new GalleryError('--pt-emb: tensors bring no consent, which is required');
            return importTensors(gallery, asked.ptEmb, asked.model, model);
          }
          const lines = await archive();
          const gallery = await madeGallery(store, asked.gallery, model);
          const consents = consentRule(retention.require_consent, () => new Date());
          finishImport(await importGallery(gallery, lines, { consents }));
        });
      await guarded(importHere, { hasUrl: asked.ptEmb === undefined });
    });

  command
    .command('copy')
    .description('copy every gallery into the store of another configuration: from one kind of store to the other')
    .requiredOption('--to <config>', 'a config.yaml with the other store or data_dir')
    .action(async ({ to }: { to: string }) => {
      const copy = () =>
        withStore(from =>
          withStore(async target => {
            const { galleries, identities, templates } = await copyStore(from, target);
            print(`Copied ${galleries} galleries: ${identities} identities, ${templates} templates.`);
          }, to),
        );
      await guarded(copy, { hasUrl: false });
    });

  command
    .command('duplicates')
    .description('list pairs of identities that may be one person')
    .option(...galleryOption)
    .option('--url <url>', 'a service that is running (default: its own, over the configured store)')
    .action(async ({ gallery, url }: InGallery & { url?: string }) => {
      const list = async (apiUrl: string, apiKey?: string): Promise<void> => {
        const { duplicates } = connect(apiUrl, gallery, apiKey);
        print(duplicatesText(await Array.fromAsync(duplicates.list({}, { signal }))));
      };
      await guarded(() => (url === undefined ? withApi(list) : list(url)));
    });

  for (const [name, what, list] of [
    ['enrol-folder', 'photos in a folder per person, <id>/*', listFolder],
    ['enrol-csv', 'photos of a CSV file with the columns path, id and, if you like, name and consent', readPhotoList],
  ] as const) {
    withConsentOptions(command.command(name))
      .description(`enrol the ${what}; the same again goes on where it stopped`)
      .argument('<path>')
      .option(...galleryOption)
      .option('--url <url>', 'a service that is running (default: its own, over the configured store)')
      .addOption(idTypeOption())
      .addOption(gateOption())
      .option('--report <file>', 'where refused photos are listed', 'refused.csv')
      .option('--warnings <file>', 'where photos are listed that were enrolled with a warning', 'warnings.csv')
      .action(async (path: string, asked: Bulk) => {
        await guarded(async () => {
          const people = givenConsent(await list(path, asked.type), consentOf(asked, new Date()));
          const enrol = (apiUrl: string, apiKey?: string): Promise<void> =>
            enrolPhotos(people, connect(apiUrl, asked.gallery, apiKey), asked);
          await (asked.url === undefined ? withApi(enrol) : enrol(asked.url));
        });
      });
  }

  command
    .command('import-config')
    .description("print today's configuration for that of an older deployment")
    .argument('<file>')
    .action(async (file: string) => {
      const text = await readFile(file, 'utf8').catch(cause => {
        throw new GalleryError(`${file}: expected a configuration: ${cause.message}`, { cause });
      });
      print(importConfig(text, file).trimEnd());
    });

  const more = [
    createSweepCommand(deps),
    createSubjectCommand(deps),
    createAuditCommand(deps),
    ...besideCommands(deps),
  ];
  for (const one of more) command.addCommand(one);
  return command;

  function finishImport(imported: Imported): void {
    printImported(imported, print);
    if (imported.refusedCount > 0 || !imported.complete) throw new GalleryError('Not everything was imported');
  }

  async function enrolPhotos(people: readonly PersonPhotos[], service: FaceIdClient, asked: Bulk): Promise<void> {
    const client = createEnrolClient(service, asked);
    const { concurrency } = deps;
    const { report, warnings } = asked;
    const result = await enrolAll(people, { client, concurrency, signal, progress, report, warnings });
    for (const line of describeBulk(result, people.length, asked)) print(line);
  }

  async function importTensors(
    gallery: Gallery,
    folder: string,
    named: string | undefined,
    model: GalleryModel,
  ): Promise<void> {
    if (named !== model.name) {
      throw new GalleryError(
        `--model: expected ${model.name}, the configured models.embedder, got ${named ?? 'nothing'}`,
      );
    }
    let [imported, refused] = [0, 0];
    const refuse = (file: string, reason: string): void => {
      refused += 1;
      print(`${file}: ${reason}`);
    };
    for await (const batch of batches(readPtEmbeddings(folder, model, refuse), batchSize)) {
      signal.throwIfAborted();
      await gallery.import(batch);
      imported += batch.length;
    }
    print(`Imported ${imported} identities; ${refused} files were refused.`);
    if (refused > 0) throw new GalleryError('Not everything was imported');
  }
}

async function madeGallery(store: Store, name: string, model: GalleryModel): Promise<Gallery> {
  const isThere = (await store.listGalleries()).some(gallery => gallery.name === name);
  if (!isThere && isBeside(name)) throw new GalleryError(`--gallery: '${name}' is made by gallery reembed alone`);
  if (!isThere) await store.createGallery({ name, kind: 'face', model });
  return store.gallery(name);
}

function printImported(imported: Imported, print: (line: string) => void): void {
  for (const { line, code, reason } of imported.refused) print(`line ${line}: ${code}: ${reason}`);
  const { identities, templates, refusedCount } = imported;
  print(`Imported ${identities} identities, ${templates} templates; ${refusedCount} lines were refused.`);
  if (!imported.complete) print('The archive was cut off: its last line is missing, or says other numbers.');
}

async function* batches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
