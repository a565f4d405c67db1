import { type AuditPlaces, auditFileNumbers, readAuditFile } from './audit-files.ts';
import { type AuditLine, parseLine } from './audit-line.ts';

/** Every line that is what its hash was made from, oldest first; `verifyAudit` says what is wrong with others. */
export async function* readAuditLines(places: AuditPlaces): AsyncGenerator<AuditLine> {
  for (const number of await auditFileNumbers(places)) {
    for await (const { text } of readAuditFile(places.file(number))) {
      const line = parseLine(text);
      if (line !== null) yield line;
    }
  }
}
