import type { Readable } from 'node:stream';
import { Command } from 'commander';
import { findPhotos } from '../cli/find-photos.ts';
import type { FaceIdClient } from '../client/index.ts';
import type { CountProgress } from '../count-progress.ts';
import { expectWritable } from '../gallery/expect-writable.ts';
import { GalleryError, guarded } from '../gallery/gallery-error.ts';
import { besideOf } from '../store/beside-name.ts';
import { defaultGallery, type GalleryModel, type Store } from '../store/store.ts';
import type { GalleryPair } from './gallery-pair.ts';
import { type OpenedEngine, toReembedEngine } from './open-engine.ts';
import { reembedAndReport } from './reembed-and-report.ts';
import { createServicePair } from './service-pair.ts';
import { createStorePair } from './store-pair.ts';
import { switchGalleries } from './switch-galleries.ts';
import { reportFiles } from './write-report.ts';

/** Runs work on an engine; `model` names its embedder, undefined the configured one. */
export type EngineOpener = (model: string | undefined, work: (engine: OpenedEngine) => Promise<void>) => Promise<void>;

export type BesideCommandDeps = {
  readonly withStore: (work: (store: Store, model: GalleryModel) => Promise<void>) => Promise<void>;
  readonly withEngine: EngineOpener;
  readonly connect: (apiUrl: string, gallery: string) => FaceIdClient;
  readonly progress: (what: string) => CountProgress;
  readonly input: Readable;
  /** Lines for people. */
  readonly print: (line: string) => void;
  /** Photos at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
};

type Asked = { readonly gallery: string; readonly url?: string };

/** `gallery reembed`, `switch` and `drop-beside`: a gallery's change to another model. */
export function besideCommands(deps: BesideCommandDeps): Command[] {
  const { withStore, withEngine, connect, progress, print, concurrency, signal } = deps;

  const reembed = onGallery('reembed', "make the gallery's next one beside it, by another model, from the photos")
    .requiredOption('--images <dir>', 'folder with the photos that people were enrolled from, under any names')
    .option('--model <name>', 'the model to change to (default: models.embedder)')
    .option(
      '--report <file>',
      'what came of it, as JSON, and beside it as Markdown with a chart',
      'reembed-report.json',
    )
    .action(async (asked: Asked & { images: string; model?: string; report: string }) => {
      await expectWritable('--report', ...reportFiles(asked.report));
      const photos = await findPhotos([asked.images], deps.input);
      await withPair(asked, pair =>
        withEngine(asked.model, async opened => {
          const engine = await toReembedEngine(opened, (await pair.describe()).model, signal);
          const bar = progress('photos');
          const options = { engine, photos, concurrency, progress: bar, signal };
          await reembedAndReport(pair, options, { file: asked.report, print });
        }),
      );
    });

  const change = onGallery('switch', 'exchange a gallery and the one beside it; the same again switches back')
    .option('--force', 'also where the other one is worse, or lacks somebody')
    .action(async ({ force = false, ...asked }: Asked & { force?: boolean }) => {
      await withPair(asked, pair => switchGalleries(pair, { force, print, signal }));
    });

  const drop = onGallery('drop-beside', 'erase the gallery beside one').action(async (asked: Asked) => {
    await withPair(asked, async pair => {
      if ((await pair.describeBeside()) === null)
        throw new GalleryError(`There is no gallery '${besideOf(pair.name)}'`);
      const { identities, templates } = await pair.dropBeside();
      print(`Erased gallery '${besideOf(pair.name)}': ${identities} identities, ${templates} templates.`);
    });
  });
  return [reembed, change, drop];

  async function withPair({ url, gallery }: Asked, work: (pair: GalleryPair) => Promise<void>): Promise<void> {
    await guarded(() =>
      url === undefined
        ? withStore(store => work(createStorePair(store, gallery)))
        : work(createServicePair(connect(url, gallery), gallery)),
    );
  }
}

function onGallery(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--gallery <name>', 'the gallery that is meant', defaultGallery)
    .option(
      '--url <url>',
      'a service that is running and goes on, with an admin key in FACE_ID_API_KEY (default: the configured store, which no ' +
        'service may have open)',
    );
}
