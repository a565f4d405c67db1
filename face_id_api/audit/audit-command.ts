import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { type IdType, idTypeOption, toId } from '../cli/identity-argument.ts';
import { parseTime } from '../cli/parse-time.ts';
import { GalleryError } from '../gallery/gallery-error.ts';
import { type AuditPlaces, auditPlaces } from './audit-files.ts';
import { openAuditKey } from './audit-key.ts';
import { type AuditHead, type AuditLine, formatHead, parseHead } from './audit-line.ts';
import { readAuditLines } from './read-audit.ts';
import { verifyAudit } from './verify-audit.ts';

export type AuditCommandDeps = {
  readonly dataDir: () => Promise<string>;
  readonly print: (line: string) => void;
};

type Shown = { readonly subject?: string; readonly since?: Date; readonly type?: IdType; readonly json?: true };

/** `audit`, with `verify`, `show` and `head`: reads the files alone, whether a service runs or not. */
export function createAuditCommand({ dataDir, print }: AuditCommandDeps): Command {
  const command = new Command('audit').description('what was done, by whom and when, and whether that record is whole');

  command
    .command('verify')
    .description('look for lines that were changed, removed or put in another order; ends with 1 where there are some')
    .option('--head <seq:hash>', 'a head that was kept elsewhere; may be repeated', collectHeads)
    .action(async ({ head: kept = [] }: { head?: AuditHead[] }) => {
      const { files, lines, head, open, faults, notes } = await verifyAudit(await places(), kept);
      for (const line of [...faults, ...notes]) print(line);
      if (open > 0) print(`${open} changes were begun and have no outcome: under way, or their process ended.`);
      if (faults.length > 0) throw new GalleryError(`The audit log is not as it was written: ${faults.length} faults`);
      print(`${lines} lines in ${files} files, each as it was written. Head: ${formatHead(head)}`);
    });

  command
    .command('show')
    .description('print lines, oldest first')
    .option('--subject <id>', 'those about this id')
    .addOption(idTypeOption())
    .option('--since <time>', 'those from then on: 2026-11-30, or with a time', parseTime)
    .option('--json', 'as they are written')
    .action(async ({ subject: given, since, type, json }: Shown) => {
      const log = await places();
      const subject = given === undefined ? null : (await openAuditKey(log))(toId(given, type));
      for await (const line of readAuditLines(log)) {
        if (since !== undefined && Date.parse(line.time) < since.getTime()) continue;
        if (subject !== null && !(line.subjects ?? [subject]).includes(subject)) continue;
        print(json ? JSON.stringify(line) : describe(line));
      }
    });

  command
    .command('head')
    .description('print how far the log has come, to be kept elsewhere and given to verify')
    .action(async () => {
      const { head } = await verifyAudit(await places());
      print(formatHead(head));
    });
  return command;

  async function places(): Promise<AuditPlaces> {
    const folder = await dataDir();
    if (existsSync(folder)) return auditPlaces(folder);
    throw new GalleryError(`data_dir ${folder} does not exist: no audit log was begun there`);
  }
}

function describe({ seq, time, actor, action, gallery, subjects, outcome, details }: AuditLine): string {
  const whom = subjects === null ? 'everybody' : subjects.map(subject => subject.slice(0, 8)).join(',');
  return [seq, time, actor, action, gallery ?? '-', whom || '-', outcome, JSON.stringify(details)].join('  ');
}

function collectHeads(text: string, before: AuditHead[] = []): AuditHead[] {
  const head = parseHead(text);
  if (head !== null) return [...before, head];
  throw new InvalidArgumentError('expected a head as `audit head` prints it');
}
