import type { IdentityRecord } from '../store/store.ts';
import { type CarriedIdentity, toBesideRecord } from './carry-over.ts';
import type { GalleryPair } from './gallery-pair.ts';

/** Changes that a process which is killed may lose, and so photos that are looked at twice. */
const undurable = 64;
/** What is durable together. */
const batch = { identities: 200, templates: 1000 } as const;

/** Writes identities beside as they are carried over, many at a time, one batch after the other. */
export function createDurableImport(pair: Pick<GalleryPair, 'importBeside'>) {
  let waiting = new Set<CarriedIdentity>();
  let changes = 0;
  let writing: Promise<void> = Promise.resolve();

  async function write(identities: Iterable<CarriedIdentity>): Promise<void> {
    let records: IdentityRecord[] = [];
    let templates = 0;
    for (const record of Iterator.from(identities).map(toBesideRecord)) {
      if (
        records.length === batch.identities ||
        (records.length > 0 && templates + record.templates.length > batch.templates)
      ) {
        await pair.importBeside(records);
        [records, templates] = [[], 0];
      }
      records.push(record);
      templates += record.templates.length;
    }
    if (records.length > 0) await pair.importBeside(records);
  }

  async function flush(): Promise<void> {
    const identities = waiting;
    [waiting, changes] = [new Set(), 0];
    writing = writing.then(() => write(identities));
    await writing;
  }

  return {
    flush,
    /** Something of the identity is new; now and then that waits until all that is new is durable. */
    async changed(identity: CarriedIdentity): Promise<void> {
      waiting.add(identity);
      changes += 1;
      if (changes >= undurable) await flush();
    },
  };
}
