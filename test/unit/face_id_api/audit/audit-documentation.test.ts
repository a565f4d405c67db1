import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { auditActions } from '../../../../face_id_api/audit/audit-line.ts';

it('docs/audit.md lists exactly the actions that are written down', async () => {
  const text = await readFile(new URL('../../../../docs/audit.md', import.meta.url), 'utf8');
  const documented = [...text.matchAll(/^\| `([a-z]+\.[a-z]+)` \| [^|]+ \|$/gm)].map(row => row[1]);
  expect(documented.sort()).toEqual([...auditActions].sort());
});
