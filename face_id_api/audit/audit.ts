import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdir } from 'node:fs/promises';
import { ServiceError } from '../../detector/errors.ts';
import type { IdentityId } from '../core/identity-id.ts';
import { type AuditContent, openAuditChain } from './audit-chain.ts';
import { auditPlaces } from './audit-files.ts';
import { openAuditKey } from './audit-key.ts';
import type { AuditAction, AuditLine } from './audit-line.ts';
import { readAuditLines } from './read-audit.ts';

type Details = AuditLine['details'];

/** What is done, and to whom: no id is written down, but what who knows it can find it by. */
export type Deed = {
  readonly action: AuditAction;
  readonly gallery: string | null;
  readonly ids: readonly IdentityId[] | 'everybody';
  readonly details?: Details;
};

/** Who did what when, written down in lines that hold each other (docs/audit.md). */
export type Audit = {
  /**
   * Makes a change between two lines. It is not begun before the first is on the disk, nor answered before the second is. Rejects as
   * `work` does, or with STORAGE_FAILED.
   */
  record<T>(deed: Deed, work: () => Promise<T>, outcome?: (result: T) => Details): Promise<T>;
  /** One line about what was done already, or is about to be read. */
  note(deed: Deed): Promise<void>;
  /** Whatever `work` does is done by `actor`. */
  actingAs<T>(actor: string, work: () => T): T;
  /** The lines about somebody and about everybody in the gallery, oldest first. */
  about(gallery: string, id: IdentityId): AsyncGenerator<AuditLine>;
  close(): Promise<void>;
};

export type AuditOptions = {
  readonly dataDir: string;
  /** Who acts where nobody else is said to. */
  readonly actor: string;
  readonly now?: () => Date;
  readonly maxFileBytes?: number;
};

/**
 * Opens the log of a data_dir; several processes may have it open.
 * @throws StartError where its key cannot be read or made
 */
export async function openAudit({ dataDir, actor, now = () => new Date(), ...options }: AuditOptions): Promise<Audit> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const places = auditPlaces(dataDir);
  const subjectOf = await openAuditKey(places);
  const chain = openAuditChain({ places, now, ...options });
  const actors = new AsyncLocalStorage<string>();

  function toContent({ action, gallery, ids, details = {} }: Deed): Omit<AuditContent, 'outcome'> {
    const subjects = ids === 'everybody' ? null : ids.map(subjectOf);
    return { actor: actors.getStore() ?? actor, action, gallery, subjects, details };
  }

  async function write(content: AuditContent, isMade: boolean): Promise<number> {
    try {
      return (await chain.append([content]))[0] ?? 0;
    } catch (cause) {
      throw notWritten(cause, isMade);
    }
  }

  return {
    async record(deed, work, outcome = () => ({})) {
      const content = toContent(deed);
      const begun = await write({ ...content, outcome: 'begun' }, false);
      let result: Awaited<ReturnType<typeof work>>;
      try {
        result = await work();
      } catch (error) {
        const code =
          error instanceof ServiceError ? error.code : error instanceof RangeError ? 'INVALID_REQUEST' : 'INTERNAL';
        // The failure is what has to be told; without this line the first one stands alone.
        await write({ ...content, outcome: 'failed', details: { begun, code } }, false).catch(() => {});
        throw error;
      }
      await write({ ...content, outcome: 'done', details: { begun, ...outcome(result) } }, true);
      return result;
    },
    async note(deed) {
      await write({ ...toContent(deed), outcome: 'done' }, false);
    },
    actingAs: (who, work) => actors.run(who, work),
    async *about(gallery, id) {
      const subject = subjectOf(id);
      for await (const line of readAuditLines(places)) {
        if (line.gallery !== gallery) continue;
        if (line.subjects === null || line.subjects.includes(subject)) yield line;
      }
    },
    close: () => chain.close(),
  };
}

function notWritten(cause: unknown, isMade: boolean): ServiceError {
  const isFull = cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
  const why = isFull ? 'the disk is full' : 'its file cannot be written';
  const what = isMade ? 'The change was made and is written down as begun' : 'Nothing was changed';
  return new ServiceError('STORAGE_FAILED', `The audit log failed: ${why}. ${what}`, { cause });
}
