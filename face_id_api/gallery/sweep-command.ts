import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { Swept } from '../retention/sweep-gallery.ts';
import { sweepStore } from '../retention/sweep-store.ts';
import type { GalleryCommandDeps } from './gallery-command.ts';
import { guarded } from './gallery-error.ts';
import { galleryOption, urlOption } from './gallery-options.ts';

type Asked = { readonly gallery: string; readonly url?: string; readonly apply?: true; readonly receipts?: string };
type Told = {
  readonly reasons: Swept['reasons'];
  readonly due: Swept['due'];
  readonly receipts: readonly object[];
};

/** In one request; there may be several. */
const atOnce = 100;

/** `gallery sweep`: who is not to be kept any longer. */
export function createSweepCommand({ withStore, connect, print, signal }: GalleryCommandDeps): Command {
  return new Command('sweep')
    .description('list who is not to be kept any longer, and why; with --apply erase them')
    .option(...galleryOption)
    .option(...urlOption)
    .option('--apply', 'erase them, for good')
    .option('--receipts <file>', 'with --apply: where the receipts go, a line of JSON each')
    .action(async (asked: Asked) => {
      const { gallery, url } = asked;
      const apply = asked.apply === true;
      if (url !== undefined) {
        const { galleries } = connect(url, gallery);
        return await run(asked, () => galleries.sweep(gallery, { apply, limit: atOnce, signal }));
      }
      await guarded(() =>
        withStore(async (_store, _model, records) =>
          run(asked, () => sweepStore(records, gallery, { apply, limit: atOnce, now: new Date() })),
        ),
      );
    });

  async function run({ apply, receipts: file }: Asked, sweep: () => Promise<Told>): Promise<void> {
    let told = await sweep();
    const first = count(told.reasons);
    const receipts: object[] = [];
    for (;;) {
      for (const { id, reason } of told.due) print(`${id}  ${reason}`);
      receipts.push(...told.receipts);
      const isLast = told.due.length >= count(told.reasons) || (apply && told.receipts.length === 0);
      if (!apply || isLast || signal.aborted) break;
      told = await sweep();
    }
    if (file !== undefined) {
      await writeFile(file, receipts.map(receipt => `${JSON.stringify(receipt)}\n`).join(''), { mode: 0o600 });
    }
    const more = first - told.due.length;
    if (!apply && more > 0) print(`… and ${more} more.`);
    if (apply) print(`Erased ${receipts.length} identities.`);
    else print(first === 0 ? 'Nobody is due.' : `${first} due; nothing was erased. --apply erases them.`);
  }
}

function count(reasons: Told['reasons']): number {
  return Object.values(reasons).reduce((sum, one) => sum + one, 0);
}
