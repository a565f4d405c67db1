import type { ElasticsearchConfig, StoreConfig } from '../config.ts';
import type { Conversion, Converted } from '../encryption/conversion.ts';
import { wrapperOf } from '../encryption/master-key.ts';
import { convertDatabase } from './convert-database.ts';
import { convertElasticsearch } from './convert-elasticsearch.ts';
import { connectionOf, indexSettingsOf } from './create-store.ts';
import { createElasticsearchClient } from './elasticsearch-client.ts';
import { createElasticsearchIndexes } from './elasticsearch-indexes.ts';
import { createGalleryTable } from './gallery-table.ts';
import { createIndexFiles } from './index-files.ts';
import { openDatabase } from './open-database.ts';
import { createSealingTable } from './sealing-table.ts';

/** What a store says of its encryption, by the ids of the keys; null: none. */
export type SealedState = {
  /** What its vectors are encrypted under; Elasticsearch's are only rotated. */
  readonly key: string | null;
  /** What each gallery's rotation is wrapped by. */
  readonly galleries: readonly { readonly name: string; readonly rotation: string | null }[];
};

/** A store while no service has it, to change how its vectors are kept. */
export type StoreConversion = {
  state(): Promise<SealedState>;
  /** As `convertDatabase` and `convertElasticsearch`. */
  convert(conversion: Conversion): Promise<Converted>;
  close(): Promise<void>;
};

/** @throws StartError as `openDatabase`, or where a file of a secret or certificate cannot be read */
export async function openConversion(config: StoreConfig, dataDir: string): Promise<StoreConversion> {
  return config.kind === 'local' ? openLocal(dataDir) : await openElasticsearch(config);
}

function openLocal(dataDir: string): StoreConversion {
  const database = openDatabase(dataDir);
  const galleries = createGalleryTable(database);
  return {
    state: async () => ({ key: idOf(createSealingTable(database).dataKey()), galleries: galleries.all().map(toState) }),
    async convert(conversion) {
      const converted = convertDatabase(database, conversion);
      // Of another kind than the database is now, or without a name in it.
      createIndexFiles(dataDir).keepOnly(new Set(galleries.all().flatMap(({ file }) => file?.name ?? [])));
      return converted;
    },
    close: async () => database.close(),
  };
}

async function openElasticsearch(config: ElasticsearchConfig): Promise<StoreConversion> {
  const client = createElasticsearchClient(await connectionOf(config));
  const { prefix } = config;
  const settings = indexSettingsOf(config);
  const indexes = createElasticsearchIndexes({
    client,
    prefix,
    settings,
    freshRotation: () => null,
    stamp: () => new Date().toISOString(),
  });
  return {
    state: async () => ({ key: null, galleries: (await indexes.all()).map(toState) }),
    convert: conversion => convertElasticsearch({ client, prefix, settings, conversion }),
    close: () => client.close(),
  };
}

function toState({ name, rotation }: { name: string; rotation: string | null }): SealedState['galleries'][number] {
  return { name, rotation: idOf(rotation) };
}

function idOf(wrapped: string | null): string | null {
  return wrapped === null ? null : wrapperOf(wrapped);
}
