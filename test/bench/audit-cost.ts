// node test/bench/audit-cost.ts [DIR]: what an enrolment in the local store takes, with the audit log and without, in a new folder in DIR.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openAudit } from '../../face_id_api/audit/audit.ts';
import { auditStore } from '../../face_id_api/audit/audit-store.ts';
import { createLocalStore } from '../../face_id_api/store/local-store.ts';
import type { GalleryModel, Store } from '../../face_id_api/store/store.ts';
import { median } from './median.ts';

const model: GalleryModel = { name: 'made up', fingerprint: 'fp', dimension: 128 };
const vector = Float32Array.from({ length: 128 }, (_, i) => (i === 0 ? 1 : 0));
const rounds = 300;

/** Milliseconds of each of so many enrolments, `atOnce` of them at a time. */
async function enrol(store: Store, atOnce: number): Promise<number[]> {
  const took: number[] = [];
  const one = async (first: number): Promise<void> => {
    for (let id = first; id < rounds; id += atOnce) {
      const begun = performance.now();
      const templates = [{ vector, sourceSha256: 'ab'.repeat(32), detector: 'mtcnn' }];
      await store.gallery('default').put({ id: `p${atOnce}-${id}`, mode: 'append', templates });
      took.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, first) => one(first)));
  return took;
}

const root = await mkdtemp(path.join(process.argv[2] ?? tmpdir(), 'face-id-audit-cost-'));
try {
  for (const isAudited of [false, true, false, true]) {
    const dataDir = await mkdtemp(path.join(root, 'data-'));
    const store = createLocalStore({ dataDir, model });
    const audit = await openAudit({ dataDir, actor: 'local' });
    const used = isAudited ? auditStore(store, audit) : store;
    for (const atOnce of [1, 8]) {
      const began = performance.now();
      const took = (await enrol(used, atOnce)).sort((a, b) => a - b);
      const perSecond = (1000 * rounds) / (performance.now() - began);
      const p99 = took[Math.floor(0.99 * took.length)] ?? Number.NaN;
      const figures = `median ${median(took).toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${perSecond.toFixed(0)} a second`;
      process.stdout.write(`${isAudited ? 'audited' : 'plain  '}  ${atOnce} at once: ${figures}\n`);
    }
    await store.close();
    await audit.close();
  }
} finally {
  await rm(root, { recursive: true });
}
