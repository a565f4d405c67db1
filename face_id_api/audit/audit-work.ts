import { openAudit } from './audit.ts';
import type { AuditAction, AuditLine } from './audit-line.ts';

/** Runs one change of a command beside the log of a data_dir, which is opened for it alone. */
export async function auditWork<T>(
  dataDir: string,
  deed: { readonly action: AuditAction; readonly details: AuditLine['details'] },
  work: () => Promise<T>,
  outcome?: (result: T) => AuditLine['details'],
): Promise<T> {
  const audit = await openAudit({ dataDir, actor: 'command' });
  try {
    return await audit.record({ ...deed, gallery: null, ids: [] }, work, outcome);
  } finally {
    await audit.close();
  }
}
