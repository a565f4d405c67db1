import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createHugePages } from '../../../../face_id_api/store/huge-pages.ts';

const setting = '/sys/kernel/mm/transparent_hugepage/enabled';

it('gets huge pages for large memory that came since, and for none before', { skip: !areByAdvice() }, () => {
  const before = new Uint8Array(64 * 2 ** 20).fill(1);
  const hugePages = createHugePages();
  hugePages.ask();
  const had = hugeMegabytes();
  const after = new Uint8Array(64 * 2 ** 20).fill(2);
  hugePages.ask();
  expect(hugeMegabytes()).toBeGreaterThan(had + 32);
  expect(before.every(value => value === 1) && after.every(value => value === 2)).toBe(true);
});

/** Where they always are there is nothing to see, and where they never are nothing to get. */
function areByAdvice(): boolean {
  try {
    return readFileSync(setting, 'utf8').includes('[madvise]');
  } catch {
    return false;
  }
}

/** What this process holds in huge pages. */
function hugeMegabytes(): number {
  const all = readFileSync('/proc/self/smaps_rollup', 'utf8');
  return Number(/AnonHugePages:\s+(\d+)/.exec(all)?.[1]) / 1024;
}
