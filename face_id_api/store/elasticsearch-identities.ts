import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, estypes } from '@elastic/elasticsearch';
import { ServiceError } from '../../detector/errors.ts';
import type { IdentityId } from '../core/identity-id.ts';
import type { Changes, Replacement } from './elasticsearch-changes.ts';
import { type Identity, type IdentityDocument, keyOf, toDocument, toIdentity } from './elasticsearch-documents.ts';
import { ElasticsearchItemError, isConflict } from './elasticsearch-error.ts';
import { type Held, precondition, toHeld } from './elasticsearch-held.ts';
import type { KnownIndex } from './elasticsearch-indexes.ts';

/** Whether an acknowledged write is made visible at once, or waits for the index's next refresh. */
export type Refresh = true | 'wait_for';

/** How many there were. */
export type Removed = { readonly templates: number; readonly rejections: number };

export type ElasticsearchIdentities = ReturnType<typeof createElasticsearchIdentities>;

/** Others change the same identity at most so often, before one gives up. */
const mostAttempts = 30;
const pauseMs = 20;

/** The documents of identities, read and written one by one or several together; conflicts are met by beginning again. */
export function createElasticsearchIdentities(client: Client, changes: Changes, refresh: Refresh) {
  /** As it is now, searchable or not; null where there is none. Waits for a change that it is part of. */
  async function read({ index }: KnownIndex, id: IdentityId): Promise<Held | null> {
    for (;;) {
      const found = await readNow(index, keyOf(id));
      if (found === null || found.document.change === null) return found;
      if (!(await changes.isOpen(found.document.change))) return found;
      await changes.wait();
    }
  }

  /** Of each id, in their order. */
  async function readMany({ index }: KnownIndex, ids: readonly IdentityId[]): Promise<(Held | null)[]> {
    if (ids.length === 0) return [];
    for (;;) {
      // The client's types lack the parameter; a document's own _source takes no exclude_vectors here.
      const withVectors = { querystring: { _source_exclude_vectors: false } };
      const { docs } = await client.mget<IdentityDocument>({ index, ids: ids.map(keyOf) }, withVectors);
      const held = docs.map(found => {
        if ('error' in found) throw new ElasticsearchItemError(404, found.error.type, found.error.reason ?? '');
        return toHeld(found);
      });
      const named = new Set(held.flatMap(one => one?.document.change ?? []));
      const open = await Promise.all([...named].map(changes.isOpen));
      if (!open.includes(true)) return held;
      await changes.wait();
    }
  }

  async function readNow(index: string, key: string): Promise<Held | null> {
    const found = await client.get<IdentityDocument>(
      { index, id: key, _source_exclude_vectors: false },
      { ignore: [404] },
    );
    return toHeld(found);
  }

  /**
   * Reads an identity, lets `work` say what it becomes, and writes that, again from the start where others were faster.
   * @returns what was written
   */
  async function change(
    index: KnownIndex,
    id: IdentityId,
    work: (identity: Identity | null) => Identity,
  ): Promise<Identity> {
    const write = randomUUID();
    return await again(async () => {
      const held = await read(index, id);
      // The answer to an earlier attempt was lost.
      if (held?.document.write === write) return toIdentity(held.document);
      const identity = work(live(held));
      await client.index({
        index: index.writeAlias,
        require_alias: true,
        id: keyOf(id),
        ...precondition(held),
        refresh,
        document: toDocument(identity, { write, change: null }),
      });
      return identity;
    });
  }

  /**
   * Writes several together: all of them, or none once the change is undone, by this process or, where it dies, by another. `plan`
   * reads what it needs and is asked again where others were faster.
   */
  async function changeTogether(index: KnownIndex, plan: () => Promise<readonly Replacement[]>): Promise<void> {
    await again(async () => {
      const replacements = await plan();
      if (replacements.length === 0) return;
      const opened = await changes.open(index, replacements);
      const written = { write: randomUUID(), change: opened.id };
      let failure: unknown = null;
      try {
        await bulk(index, replacements, written);
      } catch (error) {
        failure = error;
      }
      if (failure !== null || !(await changes.commit(opened))) {
        await changes.undo(opened.id);
        throw failure ?? new ElasticsearchItemError(409, 'change_undone', 'the change took too long and was undone');
      }
      await changes.buryTombstones(index, opened.id);
    });
  }

  async function bulk(
    { writeAlias }: KnownIndex,
    replacements: readonly Replacement[],
    written: { readonly write: string; readonly change: string },
  ): Promise<void> {
    const operations = replacements.flatMap(({ id, before, after }) => {
      const { op_type, ...condition } = precondition(before);
      const target = { _id: keyOf(id), ...condition };
      return [op_type === 'create' ? { create: target } : { index: target }, after(written)];
    });
    const answer = await client.bulk({ index: writeAlias, require_alias: true, refresh, operations });
    throwFirstItem(answer);
  }

  /**
   * Deletes an identity; how many templates and rejected faces it had, null where there was none. `first` makes others forget it: it is
   * asked again where the identity changes before it is gone.
   */
  async function remove(
    index: KnownIndex,
    id: IdentityId,
    first: (document: IdentityDocument) => Promise<void>,
  ): Promise<Removed | null> {
    const key = keyOf(id);
    let before: Removed | null = null;
    return await again(async () => {
      await changes.waitUntilUnnamed(index, key);
      const held = await read(index, id);
      // Null too where the answer to an earlier attempt was lost.
      if (held === null) return before;
      const { if_seq_no, if_primary_term } = held;
      const { live: isLive, template_count: templates, rejection_count: rejections = 0 } = held.document;
      before = isLive ? { templates, rejections } : null;
      await first(held.document);
      await client.delete({ index: index.index, id: key, if_seq_no, if_primary_term, refresh }, { ignore: [404] });
      return before;
    });
  }

  /** Who is gone is left out, and who is being changed over and over comes with the next call. */
  async function see({ writeAlias }: KnownIndex, days: ReadonlyMap<IdentityId, string>): Promise<void> {
    if (days.size === 0) return;
    // Which changes nothing where the day is known already.
    const operations = [...days].flatMap(([id, seen]) => [
      { update: { _id: keyOf(id), retry_on_conflict: 3 } },
      { doc: { seen } },
    ]);
    const { items } = await client.bulk({ index: writeAlias, require_alias: true, operations });
    const failed = items.flatMap(({ update }) => (update?.error ? [update] : []));
    const fault = failed.find(({ status }) => status !== 404 && status !== 409);
    if (fault) throw new ElasticsearchItemError(fault.status, fault.error?.type ?? '', fault.error?.reason ?? '');
  }

  return { read, readMany, change, changeTogether, remove, see };
}

/** What is seen of a document. */
export function live(held: Held | null): Identity | null {
  return held?.document.live ? toIdentity(held.document) : null;
}

/** @throws ElasticsearchItemError of the first item that failed, of a conflict last */
function throwFirstItem({ errors, items }: estypes.BulkResponse): void {
  if (!errors) return;
  const failed = items.flatMap(item =>
    Object.values(item).flatMap(({ status, error }) =>
      error === undefined || error === null
        ? []
        : new ElasticsearchItemError(status, error.type ?? '', error.reason ?? ''),
    ),
  );
  throw failed.find(error => !isConflict(error)) ?? failed[0];
}

async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (attempt === mostAttempts) {
        throw new ServiceError('OVERLOADED', 'The identity is changed by too many at once', { retryAfterSeconds: 1 });
      }
      await delay(Math.random() * pauseMs * attempt);
    }
  }
}
