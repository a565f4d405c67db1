import type { Client } from '@elastic/elasticsearch';
import { noFields, patchFields } from '../core/identity-fields.ts';
import type { IdentityId } from '../core/identity-id.ts';
import { type Identity, idOf, keyOf, summaryOf, toDocument, toTombstone } from './elasticsearch-documents.ts';
import type { Held } from './elasticsearch-held.ts';
import { type ElasticsearchIdentities, live } from './elasticsearch-identities.ts';
import type { KnownIndex } from './elasticsearch-indexes.ts';
import { mergeDistinct } from './elasticsearch-teaching.ts';
import {
  type ConsentRule,
  expectRoom,
  expectTwo,
  identityExists,
  templateExists,
  templateNotFound,
  unknownId,
} from './gallery-rules.ts';
import type { IdentityRecord, IdentitySummary, Move, Template } from './store.ts';
import { maxRejections } from './teaching.ts';

/** Ids in one query; Elasticsearch takes 65,536. */
const termsAtOnce = 10_000;

/** The changes of a gallery that touch several identities. */
export function changeElasticsearch(
  client: Client,
  identities: ElasticsearchIdentities,
  stamp: () => string,
  consents: ConsentRule,
) {
  async function readTwo(index: KnownIndex, a: IdentityId, b: IdentityId): Promise<[Held | null, Held | null]> {
    const [first = null, second = null] = await identities.readMany(index, [a, b]);
    return [first, second];
  }

  /** @throws ServiceError TEMPLATE_EXISTS where one of the ids is somebody's who is not replaced */
  async function expectNew(index: KnownIndex, ids: readonly string[], replaced: readonly IdentityId[]): Promise<void> {
    if (new Set(ids).size < ids.length) throw templateExists();
    const keys = new Set(replaced.map(keyOf));
    for (let from = 0; from < ids.length; from += termsAtOnce) {
      const terms = { 'templates.id': ids.slice(from, from + termsAtOnce) };
      const { hits } = await client.search<{ key: string }>({
        index: index.index,
        size: termsAtOnce,
        _source: ['key'],
        query: { nested: { path: 'templates', query: { terms } } },
      });
      if (hits.hits.some(({ _source }) => _source !== undefined && !keys.has(_source.key))) throw templateExists();
    }
  }

  return {
    async move(
      index: KnownIndex,
      { templates: ids, from, to, toNew, fields = {} }: Move,
    ): Promise<{ from: IdentitySummary; to: IdentitySummary }> {
      if (ids.length === 0) throw new RangeError('templates: expected at least one');
      expectTwo(from, to);
      let result: { from: Identity; to: Identity } | null = null;
      await identities.changeTogether(index, async () => {
        const [heldFrom, heldTo] = await readTwo(index, from, to);
        const [source, target] = [live(heldFrom), live(heldTo)];
        if (source === null) throw unknownId();
        const moved = ids.map(id => {
          const template = source.templates.find(one => one.id === id);
          if (template === undefined) throw templateNotFound();
          return template;
        });
        if (toNew && target !== null) throw identityExists();
        if (!toNew && target === null) throw unknownId();
        const known = patchFields(target ?? noFields, fields);
        consents.enrol(known);
        const now = stamp();
        const left = source.templates.filter(one => !ids.includes(one.id));
        const given = inOrder([...(target?.templates ?? []), ...new Set(moved)]);
        expectRoom(given.length);
        const after = {
          from: { ...source, templates: left, updated: now },
          to: { ...(target ?? { id: to, created: now, seen: null }), ...known, templates: given, updated: now },
        };
        result = after;
        return [
          { id: from, before: heldFrom, after: written => toDocument(after.from, written) },
          { id: to, before: heldTo, after: written => toDocument(after.to, written) },
        ];
      });
      const { from: source, to: target } = result!;
      return { from: summaryOf(source), to: summaryOf(target) };
    },
    async merge(index: KnownIndex, from: IdentityId, into: IdentityId): Promise<IdentitySummary> {
      expectTwo(from, into);
      let result: Identity | null = null;
      await identities.changeTogether(index, async () => {
        const [heldFrom, heldInto] = await readTwo(index, from, into);
        const [source, target] = [live(heldFrom), live(heldInto)];
        if (source === null || target === null) throw unknownId();
        consents.enrol(target);
        const templates = inOrder([...target.templates, ...source.templates]);
        expectRoom(templates.length);
        const rejections = inOrder([...(target.rejections ?? []), ...(source.rejections ?? [])]).slice(-maxRejections);
        const [fromKey, intoKey] = [keyOf(from), keyOf(into)];
        const others = (source.distinct ?? []).filter(key => key !== intoKey);
        const known = (target.distinct ?? []).filter(key => key !== fromKey);
        const distinct = [...new Set([...known, ...others])];
        const seen = later(target.seen, source.seen);
        const after = { ...target, templates, rejections, distinct, seen, updated: stamp() };
        result = after;
        return [
          { id: from, before: heldFrom, after: written => toTombstone(from, written) },
          { id: into, before: heldInto, after: written => toDocument(after, written) },
          ...mergeDistinct(await identities.readMany(index, others.map(idOf)), from, into),
        ];
      });
      return summaryOf(result!);
    },
    async import(index: KnownIndex, records: readonly IdentityRecord[]): Promise<void> {
      const identitiesOf = records.map(toIdentity);
      for (const { templates } of identitiesOf) expectRoom(templates.length);
      const ids = records.map(({ id }) => id);
      const added = records.flatMap(({ templates }) => templates.map(({ id }) => id));
      await identities.changeTogether(index, async () => {
        await expectNew(index, added, ids);
        const held = await identities.readMany(index, ids);
        return identitiesOf.map((identity, i) => {
          // What the id was taught stays where the record says nothing of it.
          const { rejections, distinct } = live(held[i] ?? null) ?? {};
          const taught = { ...(rejections && { rejections }), ...(distinct && { distinct }), ...identity };
          return { id: identity.id, before: held[i] ?? null, after: written => toDocument(taught, written) };
        });
      });
    },
  };
}

/** Templates as they were added: those that came from elsewhere take the place of their age. */
function inOrder<T extends { readonly created: string }>(templates: readonly T[]): T[] {
  return templates.toSorted((a, b) => (a.created < b.created ? -1 : a.created > b.created ? 1 : 0));
}

function later(a: string | null, b: string | null): string | null {
  return a === null || (b !== null && b > a) ? b : a;
}

/** @throws RangeError where its fields are out of bounds */
function toIdentity(record: IdentityRecord): Identity {
  const { id, created, updated, seen, templates, rejections } = record;
  return {
    id,
    ...patchFields(noFields, record),
    created,
    updated,
    seen,
    templates: templates.map(toOwn),
    ...(rejections && { rejections: rejections.map(toOwn) }),
  };
}

function toOwn({ fingerprint: _, ...template }: Template): Omit<Template, 'fingerprint'> {
  return { ...template, vector: template.vector.slice() };
}
