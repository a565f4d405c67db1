import type { FastifyBaseLogger } from 'fastify';
import { type Audit, openAudit } from './audit/audit.ts';
import { auditStore } from './audit/audit-store.ts';
import type { AuditConfig, RetentionConfig, StoreConfig } from './config.ts';
import type { IdentifyDeps } from './identify.ts';
import { createSightings } from './retention/sightings.ts';
import { startSweeper } from './retention/start-sweeper.ts';
import { createStore } from './store/create-store.ts';
import type { GalleryModel, Store } from './store/store.ts';

export type RecordsConfig = {
  readonly store: StoreConfig;
  readonly retention: RetentionConfig;
  readonly audit: AuditConfig;
};

export type RecordsContext = {
  /** Folder of the log and of a local store; `:memory:` keeps nothing, and so there is nothing to be written down. */
  readonly dataDir: string;
  readonly model: GalleryModel;
  readonly logger: FastifyBaseLogger;
  /** Who acts where no key says so. */
  readonly actor: string;
};

/** Who is enrolled, with what is written down about it and how long it is kept. */
export type Records = {
  /** Its changes are written down. */
  readonly store: Store;
  readonly audit: Audit | null;
  readonly retention: RetentionConfig;
  close(): Promise<void>;
};

/** @throws StartError as `createStore` and `openAudit` */
export async function openRecords(config: RecordsConfig, context: RecordsContext): Promise<Records> {
  const { dataDir, model, logger, actor } = context;
  const { retention } = config;
  const requireConsent = retention.require_consent;
  const plain = await createStore(config.store, { dataDir, model, requireConsent, logger });
  if (dataDir === ':memory:') return { store: plain, audit: null, retention, close: () => plain.close() };
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

/** The records of a service that runs: what it does with them by itself. */
export function keepRecords(
  config: RecordsConfig,
  { store, audit, retention, close }: Records,
  logger: FastifyBaseLogger,
): Pick<IdentifyDeps, 'onIdentified'> & { close(): Promise<void> } {
  if (audit === null) return { close };
  const warn = (fields: object, message: string): void => logger.warn(fields, message);
  const sightings = retention.unseen_days === null ? null : createSightings({ store, warn });
  const sweeper = startSweeper({ retention, store, audit, logger });
  return {
    async onIdentified(gallery, verdicts) {
      const ids = [...new Set(verdicts.flatMap(({ id }) => id ?? []))];
      for (const id of ids) sightings?.add(gallery, id);
      if (!config.audit.reads) return;
      await audit.note({ action: 'photo.identify', gallery, ids, details: { faces: verdicts.length } });
    },
    async close() {
      await sweeper.close();
      await sightings?.close();
      await close();
    },
  };
}
