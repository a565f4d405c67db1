import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@elastic/elasticsearch';
import { ServiceError } from '../../detector/errors.ts';
import type { IdentityId } from '../core/identity-id.ts';
import { type IdentityDocument, keyOf } from './elasticsearch-documents.ts';
import { isConflict, isIndexGone } from './elasticsearch-error.ts';
import { type Held, toHeld } from './elasticsearch-held.ts';
import type { KnownIndex } from './elasticsearch-indexes.ts';

/**
 * Elasticsearch writes one document whole or not at all, several not. So a change of several identities is first written down as one
 * document, with what every identity was before; its removal is the commit. Until then it is undone when an item fails, and when the
 * process dies by any other one, once it is too old to be still going on. Each document names the change that wrote it, so that
 * nothing is undone that somebody else has written or erased since.
 */
export type Changes = ReturnType<typeof createElasticsearchChanges>;

export type OpenChange = {
  readonly id: string;
  readonly started: number;
  readonly if_seq_no: number;
  readonly if_primary_term: number;
};

/** The document that takes the place of another; null before: there must be none. */
export type Replacement = {
  readonly id: IdentityId;
  readonly before: Held | null;
  /** As a function of the write's name. */
  readonly after: (written: { readonly write: string; readonly change: string | null }) => IdentityDocument;
};

type ChangeDocument = {
  readonly index: string;
  readonly keys: readonly string[];
  /** Milliseconds of the Unix epoch. */
  readonly started: number;
  readonly undoing: boolean;
  /** JSON: the document of each key as it was, null for none. */
  readonly before: string;
};

export type ChangesOptions = {
  readonly client: Client;
  /** The index that they are kept in. */
  readonly changes: string;
  /** From this age on nobody goes on with a change any more. */
  readonly staleMs: number;
};

const pauseMs = 50;
/** Read at a time. */
const batch = 100;

export function createElasticsearchChanges({ client, changes, staleMs }: ChangesOptions) {
  async function find(id: string) {
    const found = await client.get<ChangeDocument>({ index: changes, id }, { ignore: [404] });
    return 'error' in found || !found.found ? null : found;
  }

  /** Whether it goes on; one that is too old is undone now. */
  async function isOpen(id: string): Promise<boolean> {
    const found = await find(id);
    if (found?._source === undefined) return false;
    if (Date.now() - found._source.started < staleMs) return true;
    await undo(id);
    return false;
  }

  /** Brings back what it had written so far, where nobody else has written since, and forgets it. */
  async function undo(id: string): Promise<void> {
    const found = await find(id);
    if (found?._source === undefined) return;
    const { _source: change, _seq_no: if_seq_no, _primary_term: if_primary_term } = found;
    // From here on its own process cannot commit it.
    if (!change.undoing) {
      const document = { ...change, undoing: true };
      await client.index({ index: changes, id, if_seq_no, if_primary_term, document }).catch(unless(isConflict));
    }
    const before = JSON.parse(change.before) as Record<string, IdentityDocument | null>;
    for (const [key, document] of Object.entries(before)) {
      await undoOne(change.index, id, key, document).catch(unless(isConflict, isIndexGone));
    }
    await client.delete({ index: changes, id, refresh: true }, { ignore: [404] });
  }

  async function undoOne(index: string, change: string, key: string, before: IdentityDocument | null): Promise<void> {
    const held = toHeld(await client.get<IdentityDocument>({ index, id: key }, { ignore: [404] }));
    if (held === null || held.document.change !== change) return;
    const { if_seq_no, if_primary_term } = held;
    const target = { index, id: key, if_seq_no, if_primary_term, refresh: true as const };
    if (before === null) await client.delete(target);
    else await client.index({ ...target, document: before });
  }

  /** The identities that went in it. */
  async function buryTombstones({ index }: Pick<KnownIndex, 'index'>, change: string): Promise<void> {
    await bury(index, held => held.document.change === change);
  }

  async function bury(index: string, isOurs: (held: Held) => Promise<boolean> | boolean): Promise<void> {
    const { hits } = await client.search({ index, size: batch, _source: ['key'], query: { term: { live: false } } });
    for (const { _id: id, _index } of hits.hits) {
      if (id === undefined) continue;
      const held = toHeld(await client.get<IdentityDocument>({ index: _index, id }, { ignore: [404] }));
      if (held === null || held.document.live || !(await isOurs(held))) continue;
      const { if_seq_no, if_primary_term } = held;
      await client
        .delete({ index: _index, id, if_seq_no, if_primary_term, refresh: true }, { ignore: [404] })
        .catch(unless(isConflict));
    }
  }

  async function named(query: { index: string; key?: string }): Promise<string[]> {
    const { index, key } = query;
    const terms = [{ term: { index } }, ...(key === undefined ? [] : [{ term: { keys: key } }])];
    const { hits } = await client.search({
      index: changes,
      size: batch,
      _source: false,
      query: { bool: { filter: terms } },
    });
    return hits.hits.flatMap(({ _id }) => _id ?? []);
  }

  return {
    isOpen,
    undo,
    buryTombstones,
    wait: () => delay(pauseMs),
    async open({ index }: KnownIndex, replacements: readonly Replacement[]): Promise<OpenChange> {
      const id = randomUUID();
      const before = Object.fromEntries(replacements.map(one => [keyOf(one.id), one.before?.document ?? null]));
      const document: ChangeDocument = {
        index,
        keys: Object.keys(before),
        started: Date.now(),
        undoing: false,
        before: JSON.stringify(before),
      };
      const made = await client.index({ index: changes, id, document, refresh: true });
      if (made._seq_no === undefined || made._primary_term === undefined) {
        throw new Error('a change: expected a sequence number, got none');
      }
      return { id, started: document.started, if_seq_no: made._seq_no, if_primary_term: made._primary_term };
    },
    /** False where it was undone meanwhile. */
    async commit({ id, started, if_seq_no, if_primary_term }: OpenChange): Promise<boolean> {
      try {
        const { result } = await client.delete({ index: changes, id, if_seq_no, if_primary_term, refresh: true });
        return result === 'deleted';
      } catch (error) {
        if (!isConflict(error)) throw error;
        // It is gone after an attempt whose answer was lost: nobody else undoes what is young.
        return (await find(id)) === null && Date.now() - started < staleMs;
      }
    },
    /** Before an identity is erased: until no change holds what it was. */
    async waitUntilUnnamed({ index }: KnownIndex, key: string): Promise<void> {
      const deadline = Date.now() + 2 * staleMs;
      for (;;) {
        const open = await Promise.all((await named({ index, key })).map(isOpen));
        if (!open.includes(true)) return;
        if (Date.now() > deadline) {
          const message = 'A change of the same identity has not ended';
          throw new ServiceError('OVERLOADED', message, { retryAfterSeconds: 1 });
        }
        await delay(pauseMs);
      }
    },
    /** Forgets those of an index that is gone. */
    async forgetIndex(index: string): Promise<void> {
      for (const id of await named({ index })) await client.delete({ index: changes, id }, { ignore: [404] });
    },
    /** What processes that died have left in these indexes. */
    async sweep(indexes: string): Promise<void> {
      const query = { range: { started: { lt: Date.now() - staleMs } } };
      const { hits } = await client.search({ index: changes, size: batch, _source: false, query });
      for (const { _id } of hits.hits) if (_id !== undefined) await undo(_id);
      await bury(indexes, async ({ document: { change } }) => change === null || !(await isOpen(change)));
    },
  };
}

function unless(...allowed: readonly ((error: unknown) => boolean)[]) {
  return (error: unknown): void => {
    if (!allowed.some(isAllowed => isAllowed(error))) throw error;
  };
}
