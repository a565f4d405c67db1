import type { FastifyBaseLogger } from 'fastify';
import { type Audit, openAudit } from './audit/audit.ts';
import { auditStore } from './audit/audit-store.ts';
import type { AuditConfig, RetentionConfig } from './config.ts';
import type { IdentifyDeps } from './identify.ts';
import { createSightings } from './retention/sightings.ts';
import { type SweepTally, startSweeper } from './retention/start-sweeper.ts';
import { createStore, type StoreConfigs } from './store/create-store.ts';
import type { GalleryModel, Store } from './store/store.ts';

export type RecordsConfig = StoreConfigs & {
  readonly retention: RetentionConfig;
  readonly audit: AuditConfig;
  /** Folder of the log and of a local store; `:memory:` keeps nothing, and so there is nothing to be written down. */
  readonly data_dir: string;
};

export type RecordsContext = {
  readonly model: GalleryModel;
  readonly logger: FastifyBaseLogger;
  /** Who acts where no key says so. */
  readonly actor: string;
};

/** Who is enrolled, with what is written down about it and how long it is kept. */
export type Records = {
  /** Its changes are written down. */
  readonly store: Store;
  /** Null where nothing is kept. */
  readonly audit: Audit | null;
  readonly retention: RetentionConfig;
  close(): Promise<void>;
};

/** @throws StartError as `createStore` and `openAudit` */
export async function openRecords(config: RecordsConfig, { model, logger, actor }: RecordsContext): Promise<Records> {
  const { data_dir: dataDir, retention } = config;
  if (dataDir === ':memory:') {
    const store = await createStore({ ...config, store: { kind: 'local' } }, { dataDir, model, logger });
    return { store, audit: null, retention: { ...retention, require_consent: false }, close: () => store.close() };
  }
  const requireConsent = retention.require_consent;
  const plain = await createStore(config, { dataDir, model, requireConsent, logger });
  try {
    const audit = await openAudit({ dataDir, actor });
    const close = async (): Promise<void> => {
      await plain.close();
      await audit.close();
    };
    return { store: auditStore(plain, audit), audit, retention, close };
  } catch (error) {
    await plain.close();
    throw error;
  }
}

/** The records of a service that runs, with what it does with them by itself. Rejects as `openRecords`. */
export async function keepRecords(
  config: RecordsConfig,
  context: RecordsContext,
): Promise<Records & Pick<IdentifyDeps, 'onIdentified'> & { readonly sweeps?: () => SweepTally }> {
  const records = await openRecords(config, context);
  const { store, audit, retention } = records;
  if (audit === null) return records;
  const { logger } = context;
  const warn = (fields: object, message: string): void => logger.warn(fields, message);
  const sightings = retention.unseen_days === null ? null : createSightings({ store, warn });
  const sweeper = startSweeper({ retention, store, audit, logger });
  return {
    ...records,
    sweeps: sweeper.tally,
    async onIdentified(gallery, verdicts) {
      const ids = [...new Set(verdicts.flatMap(({ id }) => id ?? []))];
      for (const id of ids) sightings?.add(gallery, id);
      if (!config.audit.reads) return;
      await audit.note({ action: 'photo.identify', gallery, ids, details: { faces: verdicts.length } });
    },
    async close() {
      await sweeper.close();
      await sightings?.close();
      await records.close();
    },
  };
}
