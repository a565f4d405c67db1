import { Command } from 'commander';
import type { Swept } from '../retention/sweep-gallery.ts';
import { sweepStore } from '../retention/sweep-store.ts';
import type { GalleryCommandDeps } from './gallery-command.ts';
import { guarded } from './gallery-error.ts';
import { galleryOption, urlOption } from './gallery-options.ts';
import { openReceiptFile } from './receipt-file.ts';

type Asked = { readonly gallery: string; readonly url?: string; readonly apply?: true; readonly receipts?: string };
type Told = {
  readonly reasons: Swept['reasons'];
  readonly due: Swept['due'];
  readonly receipts: readonly object[];
};

/** Resolves when they are kept. */
type Keep = (receipts: readonly object[]) => Promise<void>;

/** In one request; there may be several. */
const atOnce = 100;

export type SweepCommandDeps = Pick<GalleryCommandDeps, 'withStore' | 'connect' | 'print' | 'signal'>;

/** `gallery sweep`: who is not to be kept any longer. */
export function createSweepCommand({ withStore, connect, print, signal }: SweepCommandDeps): Command {
  return new Command('sweep')
    .description('list who is not to be kept any longer, and why; with --apply erase them')
    .option(...galleryOption)
    .option(...urlOption)
    .option('--apply', 'erase them, for good')
    .option('--receipts <file>', 'with --apply: where the receipts are added, a line of JSON each')
    .action(async (asked: Asked) => {
      const { gallery, url } = asked;
      const apply = asked.apply === true;
      // Before anybody is erased: an erasure whose receipt has no place cannot be taken back.
      const file = apply && asked.receipts !== undefined ? await openReceiptFile(asked.receipts, print) : null;
      const keep = async (receipts: readonly object[]): Promise<void> => file?.add(receipts);
      try {
        await (url === undefined ? sweepHere(gallery, apply, keep) : sweepThere(url, gallery, apply, keep));
      } finally {
        await file?.close();
      }
    });

  async function sweepHere(gallery: string, apply: boolean, keep: Keep): Promise<void> {
    const options = { apply, limit: atOnce, signal, onErased: (receipt: object) => keep([receipt]) };
    await guarded(() =>
      withStore((_store, _model, records) =>
        run(apply, () => sweepStore(records, gallery, { ...options, now: new Date() })),
      ),
    );
  }

  async function sweepThere(url: string, gallery: string, apply: boolean, keep: Keep): Promise<void> {
    // The service would erase the rest of a part that was given up, and nobody would get its receipts.
    const unheard = new AbortController().signal;
    const { galleries } = connect(url, gallery, undefined, apply ? unheard : signal);
    await run(apply, async () => {
      const told = await galleries.sweep(gallery, { apply, limit: atOnce });
      await keep(told.receipts);
      return told;
    });
  }

  async function run(apply: boolean, sweep: () => Promise<Told>): Promise<void> {
    let told = await sweep();
    const first = count(told.reasons);
    let erased = 0;
    for (;;) {
      for (const { id, reason } of told.due) print(`${id}  ${reason}`);
      erased += told.receipts.length;
      const isLast = told.due.length >= count(told.reasons) || (apply && told.receipts.length === 0);
      if (!apply || isLast || signal.aborted) break;
      told = await sweep();
    }
    if (apply) print(`Erased ${erased} identities.`);
    signal.throwIfAborted();
    if (apply) return;
    const more = first - told.due.length;
    if (more > 0) print(`… and ${more} more.`);
    print(first === 0 ? 'Nobody is due.' : `${first} due; nothing was erased. --apply erases them.`);
  }
}

function count(reasons: Told['reasons']): number {
  return Object.values(reasons).reduce((sum, one) => sum + one, 0);
}
