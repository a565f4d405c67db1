import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createRecallCheck } from '../../../../face_id_api/store/recall-check.ts';
import type { Keyed, TemplateTable } from '../../../../face_id_api/store/template-table.ts';

const probe = Float32Array.of(1, 0);
const gallery = 1;

/** A thousand templates; the nearest to the probe is the one with key 700, at a cosine of 0.9. */
const rows: Keyed[] = Array.from({ length: 1000 }, (_, i) => {
  const score = i + 1 === 700 ? 0.9 : 0.1;
  return { key: i + 1, vector: Float32Array.of(score, Math.sqrt(1 - score * score)) };
});

function start(every = 1, newest = 1000) {
  const warnings: object[] = [];
  const templates = {
    searchable: (asked: number, key: number, count: number) =>
      asked === gallery ? rows.filter(row => row.key > key).slice(0, count) : [],
    newest: () => newest,
  } as unknown as TemplateTable;
  return { check: createRecallCheck({ templates, every, warn: fields => warnings.push(fields) }), warnings };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('counts which searches had found the nearest template', () => {
  const { check } = start();
  for (const score of [0.9, 0.9 + 1e-6, 0.1, null]) check.offer(gallery, probe, score);
  expect(check.counts()).toEqual({ checked: 0, found: 0 });
  vi.runAllTimers();
  expect(check.counts()).toEqual({ checked: 4, found: 2 });
});

it('does not count what was added after the search', () => {
  const { check } = start(1, 699);
  check.offer(gallery, probe, 0.1);
  vi.runAllTimers();
  expect(check.counts()).toEqual({ checked: 1, found: 1 });
});

it('repeats one of so many, and lets no queue grow', () => {
  const { check } = start(10);
  for (let i = 0; i < 1000; i++) check.offer(gallery, probe, 0.9);
  vi.runAllTimers();
  expect(check.counts().checked).toBe(16);
});

it('warns when the share falls below its bound, once for every five hundred', () => {
  const { check, warnings } = start();
  for (let i = 0; i < 500; i++) {
    check.offer(gallery, probe, i < 494 ? 0.9 : 0.1);
    vi.runAllTimers();
  }
  expect(warnings).toEqual([{ recall: 0.988, checked: 500 }]);
  for (let i = 0; i < 500; i++) {
    check.offer(gallery, probe, i < 496 ? 0.9 : 0.1);
    vi.runAllTimers();
  }
  expect(warnings).toHaveLength(1);
  check.close();
});
