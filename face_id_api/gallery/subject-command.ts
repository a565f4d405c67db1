import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { type IdType, idTypeOption, toId } from '../cli/identity-argument.ts';
import { exportSubject } from '../subject/export-subject.ts';
import { expectWritable } from './expect-writable.ts';
import type { GalleryCommandDeps } from './gallery-command.ts';
import { guarded } from './gallery-error.ts';
import { galleryOption, urlOption } from './gallery-options.ts';

type Asked = { readonly gallery: string; readonly url?: string; readonly out?: string; readonly type?: IdType };

/** `gallery subject`: what is handed to somebody who asks what is kept about them. */
export function createSubjectCommand({ withStore, connect, output, signal }: GalleryCommandDeps): Command {
  return new Command('subject')
    .description('write everything that is kept about an id, also what the audit log says, as JSON')
    .argument('<id>')
    .addOption(idTypeOption())
    .option(...galleryOption)
    .option(...urlOption)
    .option('--out <file>', 'file to write (default: standard output)')
    .action(async (given: string, { gallery, url, out, type }: Asked) => {
      const id = toId(given, type);
      if (out !== undefined) await expectWritable('--out', out);
      const write = async (found: object): Promise<void> => {
        const text = `${JSON.stringify(found, null, 2)}\n`;
        if (out === undefined) output.write(text);
        else await writeFile(out, text, { mode: 0o600 });
      };
      if (url !== undefined) return await write(await connect(url, gallery).identities.export(id, { signal }));
      await guarded(() =>
        withStore(async (_store, _model, records) => write(await exportSubject(records, gallery, id, new Date()))),
      );
    });
}
