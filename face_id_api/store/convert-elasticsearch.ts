import type { Client } from '@elastic/elasticsearch';
import { type Conversion, type Converted, planTurn, type Turn, turn } from '../encryption/conversion.ts';
import { createElasticsearchChanges } from './elasticsearch-changes.ts';
import { type IdentityDocument, idOf } from './elasticsearch-documents.ts';
import { inPortions } from './elasticsearch-gallery.ts';
import { createElasticsearchIdentities } from './elasticsearch-identities.ts';
import { createElasticsearchIndexes, type KnownIndex } from './elasticsearch-indexes.ts';
import type { IndexSettings } from './elasticsearch-mapping.ts';
import { createElasticsearchUnknowns } from './elasticsearch-unknowns.ts';

export type ElasticsearchConversionOptions = {
  readonly client: Client;
  readonly prefix: string;
  readonly settings: IndexSettings;
  readonly conversion: Conversion;
};

/** Identities whose keys are asked for at a time. */
const keysAtOnce = 500;

/**
 * Turns the vectors of every gallery as they are to be, one gallery after another and each whole or not at all: into a new index, which
 * then takes the old one's place. Where only the key changes, it is a change of the index's own description. No service may write
 * meanwhile: it is refused. The same again goes on where a process was killed.
 */
export async function convertElasticsearch({
  client,
  prefix,
  settings,
  conversion,
}: ElasticsearchConversionOptions): Promise<Converted> {
  const open = (created = '') =>
    createElasticsearchIndexes({ client, prefix, settings, freshRotation: () => null, stamp: () => created });
  const all = open();
  await all.prepareChanges();
  // Nobody goes on with a change that is open.
  const changes = createElasticsearchChanges({ client, changes: all.changes, staleMs: 0 });
  await changes.sweep(`${prefix}.data.*`);
  const identities = createElasticsearchIdentities(client, changes, true);
  const unknowns = createElasticsearchUnknowns(client, all.unknowns);
  // All keys are tried before anything is written.
  const planned = (await all.all()).map(index => ({ index, ...planTurn(index, conversion) }));
  const turned: string[] = [];
  let rewritten = 0;
  for (const { index, ...plan } of planned) {
    if (plan.before === plan.after) {
      await describe(index, plan.rotation);
      continue;
    }
    await replace(index, plan);
    turned.push(index.name);
  }
  return { rewritten, turned };

  async function describe({ index, rotation }: KnownIndex, next: string | null): Promise<void> {
    if (rotation === next) return;
    const { _meta } = (await client.indices.getMapping({ index }))[index]?.mappings ?? {};
    await client.indices.putMapping({ index, _meta: { ..._meta, rotation: next } });
  }

  async function replace(old: KnownIndex, plan: Turn): Promise<void> {
    await removeLeftovers(old);
    await client.indices.addBlock({ index: old.index, block: 'write' });
    try {
      const { name, kind, model } = old;
      const steps = { fill: (to: string) => copy(old, to, plan), isDone: async () => true };
      const next = await open(old.created).replace(old, { name, kind, model }, steps, plan.rotation);
      if (next === null) throw new Error(`gallery ${name}: another process has changed its index meanwhile`);
      // Where that fails, the next sweep of a service does it.
      await unknowns.forgetIndex(old.index);
    } catch (error) {
      const settings = { 'index.blocks.write': null };
      await client.indices.putSettings({ index: old.index, settings, ignore_unavailable: true });
      throw error;
    }
  }

  /** Indexes of a gallery that no alias leads to, from a conversion that was killed. */
  async function removeLeftovers({ name }: KnownIndex): Promise<void> {
    const found = await client.indices.getAlias({ index: `${prefix}.data.${name}.*`, allow_no_indices: true });
    for (const [index, { aliases }] of Object.entries(found)) {
      if (Object.keys(aliases).length === 0) await client.indices.delete({ index });
    }
  }

  async function copy(old: KnownIndex, to: string, plan: Turn): Promise<void> {
    await client.indices.refresh({ index: old.index });
    rewritten += await unknowns.copy(old.index, to, vector => turn(plan, vector));
    for (let after: string | null = null; ; ) {
      const page = await keysBehind(old.index, after);
      for (const ids of inPortions(page.map(one => ({ id: idOf(one.key), templates: one.template_count })))) {
        const held = await identities.readMany(old, ids);
        const documents = held.flatMap(one => (one?.document.live ? turnDocument(one.document, plan) : []));
        const operations = documents.flatMap(document => [{ index: { _index: to, _id: document.key } }, document]);
        const { errors } = await client.bulk({ operations, refresh: true });
        if (errors) throw new Error(`index ${to}: not every identity could be copied`);
        for (const { templates, rejection_count = 0 } of documents) rewritten += templates.length + rejection_count;
      }
      after = page.at(-1)?.key ?? null;
      if (after === null || page.length < keysAtOnce) return;
    }
  }

  async function keysBehind(index: string, after: string | null): Promise<PageKey[]> {
    const { hits } = await client.search<PageKey>({
      index,
      size: keysAtOnce,
      sort: [{ key: 'asc' }],
      ...(after === null ? {} : { search_after: [after] }),
      query: { term: { live: true } },
      _source: ['key', 'template_count'],
    });
    return hits.hits.flatMap(({ _source }) => _source ?? []);
  }
}

type PageKey = Pick<IdentityDocument, 'key' | 'template_count'>;

function turnDocument({ person, templates, rejections, ...rest }: IdentityDocument, plan: Turn): IdentityDocument {
  const turned = (vector: readonly number[]): number[] => [...turn(plan, Float32Array.from(vector))];
  const each = (faces: IdentityDocument['templates']) => faces.map(face => ({ ...face, vector: turned(face.vector) }));
  return {
    ...rest,
    ...(person === undefined ? {} : { person: turned(person) }),
    templates: each(templates),
    ...(rejections && { rejections: each(rejections) }),
  };
}
