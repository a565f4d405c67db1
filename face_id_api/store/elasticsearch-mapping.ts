import type { estypes } from '@elastic/elasticsearch';
import type { GalleryModel, NewGallery } from './store.ts';
import { maxTemplates } from './store.ts';

/** How galleries are laid out; of the gallery that is made next. */
export type IndexSettings = {
  /** `int8_hnsw`: a byte a value in memory, candidates scored again in float32. `hnsw`: four. */
  readonly type: 'int8_hnsw' | 'hnsw';
  readonly shards: number;
  /** Null: one where there is a second node for it, else none. */
  readonly replicas: number | null;
  /** How often writes of others become visible; an acknowledged one does not wait for it. */
  readonly refreshInterval: string;
};

/** What the index says of itself, in its mapping. */
export type GalleryIndex = NewGallery & {
  /** The index's own name. */
  readonly index: string;
  /** The wrapped seed of how its vectors are turned; null: they are as the model makes them. */
  readonly rotation: string | null;
  readonly created: string;
};

type Meta = { kind: string; model: GalleryModel; created: string; layout: number; rotation?: string | null };

/**
 * A change of the fields below asks for other numbers, and for a copy into new indexes; further ones stand in `addedFields`. Turned vectors
 * have a number of their own: a version of this program that knows of no rotation is to refuse them.
 */
const layouts = { plain: 1, rotated: 2 } as const;
const layoutOf = (rotation: string | null): number => (rotation === null ? layouts.plain : layouts.rotated);

/** Values that are returned and never searched for. */
const kept = { type: 'keyword', index: false, doc_values: false } as const;

/** Fields that indexes of earlier versions lack, and are given when they are met: documents without them mean null, or nothing. */
export const addedFields = {
  consent: kept,
  /** When the consent ends: whom a search leaves out. */
  consent_expires: { type: 'date', format: 'epoch_millis' },
  seen: kept,
  rejections: { type: 'object', enabled: false },
  rejection_count: { type: 'integer' },
  distinct: kept,
} as const satisfies Record<string, estypes.MappingProperty>;

/** An index of identities, each one document with its templates nested in it, so that a change of one identity is one write. */
export function galleryIndexBody(
  { kind, model, rotation }: NewGallery & Pick<GalleryIndex, 'rotation'>,
  created: string,
  settings: IndexSettings,
): { mappings: estypes.MappingTypeMapping; settings: estypes.IndicesIndexSettings } {
  const meta: Meta = { kind, model, created, layout: layoutOf(rotation), rotation };
  return {
    settings: {
      number_of_shards: settings.shards,
      ...(settings.replicas === null ? { auto_expand_replicas: '0-1' } : { number_of_replicas: settings.replicas }),
      refresh_interval: settings.refreshInterval,
      'index.mapping.nested_objects.limit': maxTemplates,
    },
    mappings: {
      dynamic: 'strict',
      _meta: meta,
      properties: {
        key: { type: 'keyword' },
        live: { type: 'boolean' },
        name: kept,
        folded_name: { type: 'keyword' },
        metadata: kept,
        entries: { type: 'keyword' },
        created: kept,
        updated: kept,
        ...addedFields,
        template_count: { type: 'integer' },
        slice: { type: 'integer' },
        write: kept,
        change: kept,
        person: { type: 'dense_vector', dims: model.dimension, index: false },
        templates: {
          type: 'nested',
          dynamic: 'strict',
          properties: {
            id: { type: 'keyword' },
            source_sha256: kept,
            detector: kept,
            created: kept,
            vector: {
              type: 'dense_vector',
              dims: model.dimension,
              index: true,
              similarity: 'cosine',
              index_options: { type: settings.type },
            },
          },
        },
      },
    },
  };
}

/**
 * What an index is, out of its mapping.
 * `isBehind`: it lacks some of the added fields.
 * @throws Error where it is none of ours: a dynamic mapping, vectors of another length, another layout
 */
export function readGalleryIndex(
  index: string,
  name: string,
  { _meta, dynamic, properties }: estypes.MappingTypeMapping,
): GalleryIndex & { readonly isQuantised: boolean; readonly isBehind: boolean } {
  // Written above; the checks below find what was not.
  const { kind, model, created, layout: found, rotation = null } = (_meta ?? {}) as Partial<Meta>;
  const templates = properties?.templates;
  const vector = templates?.type === 'nested' ? templates.properties?.vector : undefined;
  const isOurs =
    found === layoutOf(rotation) &&
    String(dynamic) === 'strict' &&
    vector?.type === 'dense_vector' &&
    vector.dims === model?.dimension &&
    vector.similarity === 'cosine';
  if (!isOurs || kind === undefined || model === undefined || created === undefined) {
    throw new Error(
      `index ${index}: expected a gallery of layout ${layoutOf(rotation)} with a strict mapping, got another one`,
    );
  }
  const isQuantised = vector.index_options?.type !== 'hnsw';
  const isBehind = Object.keys(addedFields).some(field => properties?.[field] === undefined);
  return { index, name, kind, model, created, rotation, isQuantised, isBehind };
}

/** The index of faces that nobody was found for, of all galleries. */
export const unknownsIndexBody: {
  mappings: estypes.MappingTypeMapping;
  settings: estypes.IndicesIndexSettings;
} = {
  settings: { number_of_shards: 1, auto_expand_replicas: '0-1' },
  mappings: {
    dynamic: 'strict',
    properties: {
      id: { type: 'keyword' },
      index: { type: 'keyword' },
      vector: kept,
      detector: kept,
      seen: { type: 'keyword' },
    },
  },
};

/** The index of changes that touch several identities and have not ended. */
export const changesIndexBody: {
  mappings: estypes.MappingTypeMapping;
  settings: estypes.IndicesIndexSettings;
} = {
  settings: { number_of_shards: 1, auto_expand_replicas: '0-1' },
  mappings: {
    dynamic: 'strict',
    properties: {
      index: { type: 'keyword' },
      keys: { type: 'keyword' },
      started: { type: 'long' },
      undoing: { type: 'boolean' },
      before: kept,
    },
  },
};
