import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../config.ts';
import { auditPlaces } from '../../face_id_api/audit/audit-files.ts';
import { openAuditKey } from '../../face_id_api/audit/audit-key.ts';
import { readAuditLines } from '../../face_id_api/audit/read-audit.ts';
import { verifyAudit } from '../../face_id_api/audit/verify-audit.ts';
import { killRuns } from '../kill-runs.ts';
import { createClient } from './product.ts';
import { spawnProduct } from './spawn-product.ts';
import { samplePhotos, testConfig } from './test-models.ts';

const templatesEach = 2;

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** What the audit log says, once more of a process that was killed, and whether it is as it was written. */
async function readLog(dataDir: string) {
  const places = auditPlaces(dataDir);
  const { faults, open } = await verifyAudit(places);
  expect(faults).toEqual([]);
  const subjectOf = await openAuditKey(places);
  const lines = await Array.fromAsync(readAuditLines(places));
  const done = new Set(lines.flatMap(line => (line.outcome === 'done' ? `${line.action} ${line.subjects}` : [])));
  return { open, has: (action: string, id: number): boolean => done.has(`${action} ${subjectOf(id)}`) };
}

describe('kill -9 of the whole service during enrolment and erasure', () => {
  let config: Config;
  let images: Buffer[];

  beforeAll(async () => {
    config = await testConfig();
    const photo = await readFile(path.join(samplePhotos, 'sample1.jpg'));
    const small = await sharp(photo).resize({ width: 640 }).jpeg().toBuffer();
    images = Array.from({ length: templatesEach }, () => small);
  });
  afterAll(() => rm(config.data_dir, { recursive: true }));

  const timeout = 60_000 + killRuns * 12_000;
  it(`keeps what it acknowledged and has written it down, nothing half, and brings nobody back, ${killRuns} times`, {
    timeout,
  }, async () => {
    const acknowledged = new Set<number>();
    const erased = new Set<number>();
    const enrolled = new Set<number>();
    let answered = 0;
    let nextId = 0;
    for (let round = 0; round < killRuns; round++) {
      const { child, apiUrl } = await spawnProduct(config);
      const { call, enrol } = createClient(apiUrl);
      const { identities } = (await call('GET', '/identities?limit=1000')).body as unknown as {
        identities: { id: number; templates: number }[];
      };
      const log = await readLog(config.data_dir);
      for (const id of enrolled) expect(log.has('identity.enrol', id), `line of id ${id} in round ${round}`).toBe(true);
      for (const id of erased)
        expect(log.has('identity.erase', id), `line of erased ${id} in round ${round}`).toBe(true);
      const found = new Map(identities.map(({ id, templates }) => [id, templates]));
      for (const id of acknowledged) expect(found.has(id), `acknowledged id ${id} in round ${round}`).toBe(true);
      for (const id of erased) expect(found.has(id), `erased id ${id} in round ${round}`).toBe(false);
      for (const [id, templates] of found) expect(templates, `templates of id ${id}`).toBe(templatesEach);
      // Also those whose enrolment or erasure got no answer: they are there, and stay.
      for (const id of found.keys()) acknowledged.add(id);

      const first = Promise.withResolvers<void>();
      const enrolOne = async (): Promise<void> => {
        for (;;) {
          const id = nextId++;
          const { status } = await enrol(id, images);
          if (status !== 200) continue;
          acknowledged.add(id);
          enrolled.add(id);
          answered += 1;
          first.resolve();
        }
      };
      const eraseOne = async (): Promise<void> => {
        for (;;) {
          await first.promise;
          // Enrolled in an earlier round, so that enrolments go on beside it; without an answer it may be gone or not.
          const [id] = acknowledged;
          if (id === undefined || acknowledged.size < 2) return;
          acknowledged.delete(id);
          const { status } = await call('DELETE', `/identities/${id}`);
          if (status === 200) erased.add(id);
          await sleep(5);
        }
      };
      // Each ends with the connection, when the service is killed under it.
      const clients = [enrolOne(), enrolOne(), eraseOne()].map(client => client.catch(() => {}));
      // One answer is in, others are on their way, at another point of it in every round.
      await first.promise;
      await sleep(13 * round);
      await kill(child);
      await Promise.all(clients);
      await readLog(config.data_dir);
    }
    expect(answered).toBeGreaterThanOrEqual(killRuns);
    expect(erased.size).toBeGreaterThan(0);
  });
});
