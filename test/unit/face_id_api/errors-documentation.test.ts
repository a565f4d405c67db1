import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { errorTable } from '../../../detector/errors.ts';
import { refusalCodes } from '../../../face_id_api/take-face.ts';

const text = await readFile(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const [errors = '', refusals = ''] = text.split('## Refusals');

describe('docs/errors.md', () => {
  it('lists exactly the codes of the error table, with their statuses', () => {
    const documented = [...errors.matchAll(/^\| `(\w+)` \| (\d+) \| .+ \| .+ \|$/gm)].map(row => [
      row[1],
      Number(row[2]),
    ]);
    const real = Object.entries(errorTable).map(([code, { status }]) => [code, status]);
    expect(documented.sort()).toEqual(real.sort());
  });

  it('lists exactly the refusals of enrolment', () => {
    const documented = [...refusals.matchAll(/^\| `(\w+)` \| .+ \|$/gm)].map(row => row[1]);
    expect(documented.sort()).toEqual([...refusalCodes].sort());
  });

  it('has a row for every line of its tables', () => {
    const lines = text.split('\n').filter(line => line.startsWith('| `'));
    expect(lines).toHaveLength(Object.keys(errorTable).length + refusalCodes.length);
  });
});
