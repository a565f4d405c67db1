import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../config.ts';
import type { ReembedReport } from '../../face_id_api/reembed/reembed-report.ts';
import { createClient } from './product.ts';
import { environmentOf, root, spawnProduct } from './spawn-product.ts';
import { availableDetectors, sharedPhotos, testConfig } from './test-models.ts';

const images = path.join(sharedPhotos ?? '', 'lfw-dev/images');
const mirror = path.resolve(root, '../shared/models/mobileface-becauseofai');
const isHere = sharedPhotos !== null && existsSync(images) && existsSync(mirror);
/** Its models come from this machine's folder alone. */
const isElsewhere = process.env.FACE_ID_TEST_TRITON !== undefined;
const missing = isHere ? '' : ' (skipped: needs ../shared/photos/lfw-dev and ../shared/models/mobileface-becauseofai)';

/** People with several photos, of whom so many are taken, and people with one. */
const [several, photosEach, single] = [90, 3, 60];

describe.skipIf(!isHere || isElsewhere)(
  `a gallery of labelled faces, from mobileface V2 to the weaker V3${missing}`,
  () => {
    let folder: string;
    let config: Config;
    let photos: { readonly id: string; readonly file: string }[];
    let service: { child: ChildProcess; apiUrl: string } | null = null;

    const env = (embedder: string): Record<string, string> => ({
      FACE_ID__MODELS__EMBEDDER: embedder,
      FACE_ID__MODELS__MIRROR: path.dirname(mirror),
      // Nothing was measured for either.
      FACE_ID__DECISION__THRESHOLD: '0.3',
    });

    /** `face-id gallery …` as a process; what it said, and how it ended. */
    function gallery(...args: string[]): Promise<{ code: unknown; output: string }> {
      const all = { ...environmentOf(config), ...env('mobileface_v2') };
      return new Promise(resolve => {
        const options = { cwd: root, env: all, maxBuffer: 64 << 20 };
        execFile(process.execPath, ['main.ts', 'gallery', ...args], options, (error, stdout, stderr) =>
          resolve({ code: error?.code ?? 0, output: stdout + stderr }),
        );
      });
    }

    async function start(embedder: string) {
      service = await spawnProduct(config, env(embedder));
      return createClient(service.apiUrl);
    }

    async function stop(): Promise<void> {
      if (service === null) return;
      const ended = once(service.child, 'exit');
      service.child.kill('SIGTERM');
      await ended;
      service = null;
    }

    const reembed = (): string[] => [
      ...['reembed', '--images', images, '--model', 'mobileface_v3'],
      ...['--url', service?.apiUrl ?? '', '--report', path.join(folder, 'report.json')],
    ];

    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'face-id-change-'));
      config = await testConfig({
        detector: { name: (await availableDetectors()).at(-1) },
        triton: { model_repository: path.join(folder, 'models') },
      });
      photos = await choosePhotos();
    }, 120_000);
    afterAll(async () => {
      await stop();
      await rm(folder, { recursive: true });
      await rm(config.data_dir, { recursive: true });
    });

    it('is filled beside the old one while that answers, goes on after kill -9, and is called worse', async () => {
      const { infer, call } = await start('mobileface_v2');
      const list = path.join(folder, 'list.csv');
      await writeFile(list, ['path,id', ...photos.map(({ id, file }) => `${file},${id}`)].join('\n'));
      const enrolled = await gallery(
        'enrol-csv',
        list,
        '--url',
        service!.apiUrl,
        '--report',
        path.join(folder, 'no.csv'),
        '--warnings',
        path.join(folder, 'poor.csv'),
      );
      expect(enrolled.output).toMatch(/^Enrolled \d+ photos/);

      const first = spawn(process.execPath, ['main.ts', 'gallery', ...reembed()], {
        cwd: root,
        env: { ...environmentOf(config), ...env('mobileface_v2') },
        stdio: 'ignore',
      });
      const ended = once(first, 'exit');
      const carried = async (): Promise<number> =>
        Number((await call('GET', '/galleries/default--beside')).body.templates ?? 0);
      while ((await carried()) === 0 && first.exitCode === null) await wait(100);
      first.kill('SIGKILL');
      await ended;

      const [{ id, file }] = photos as [(typeof photos)[number]];
      const asked = await infer(await readFile(file));
      expect(asked.body.faces[0]?.id).toBe(id);

      const { code, output } = await gallery(...reembed());
      expect(output).toMatch(/The new model is worse: at an FPIR of 1\.0 % it misses/);
      expect(code).toBe(1);
      const report: ReembedReport = JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8'));
      const { comparison, templates } = report;
      expect(templates.reused).toBeGreaterThan(0);
      expect(templates.carried).toBeGreaterThan(0.98 * templates.all);
      expect(report.old_model_at_hand).toBe(true);
      expect(comparison.verdict).toBe('worse');
      expect(comparison.after.rank1.rate).toBeLessThan(comparison.before.rank1.bounds[0]);
      expect(comparison.before.fnir.rate).toBeLessThan(comparison.after.fnir.bounds[0]);
    }, 600_000);

    it('is switched to by force alone; each model then knows its own gallery, and the other refuses in words', async () => {
      const url = ['--url', service?.apiUrl ?? ''];
      const refused = await gallery('switch', ...url);
      expect([refused.code, refused.output]).toEqual([
        1,
        expect.stringMatching(/is worse.* Nothing is switched; --force/),
      ]);
      const forced = await gallery('switch', '--force', ...url);
      expect([forced.code, forced.output]).toEqual([0, expect.stringMatching(/Set models\.embedder: mobileface_v3/)]);

      const [{ id, file }] = photos as [(typeof photos)[number]];
      const photo = await readFile(file);
      const before = createClient(service?.apiUrl ?? '');
      expect((await before.infer(photo)).body).toMatchObject({ code: 'MODEL_MISMATCH' });
      expect((await before.call('GET', '/readyz')).status).toBe(503);
      await stop();
      const after = await start('mobileface_v3');
      expect((await after.call('GET', '/readyz')).status).toBe(200);
      expect((await after.infer(photo)).body.faces[0]?.id).toBe(id);

      expect((await after.call('DELETE', `/identities/${id}`)).body.receipt).toMatchObject({
        places: expect.arrayContaining([expect.objectContaining({ place: 'gallery beside: database' })]),
      });
      await stop();
      const back = await gallery('switch');
      expect([back.code, back.output]).toEqual([0, expect.stringMatching(/The new model is better/)]);
      const again = await start('mobileface_v2');
      const other = photos.find(one => one.id !== id)!;
      expect((await again.infer(await readFile(other.file))).body.faces[0]?.id).toBe(other.id);
      expect((await again.infer(photo)).body.faces[0]?.id).not.toBe(id);
      const dropped = await gallery('drop-beside', '--url', service?.apiUrl ?? '');
      expect(dropped.output).toMatch(/^Erased gallery 'default--beside'/);
    }, 600_000);
  },
);

async function choosePhotos(): Promise<{ id: string; file: string }[]> {
  const people = await Promise.all(
    (await readdir(images)).sort().map(async id => ({ id, files: (await readdir(path.join(images, id))).sort() })),
  );
  const chosen = [
    ...people.filter(({ files }) => files.length > 1).slice(0, several),
    ...people.filter(({ files }) => files.length === 1).slice(0, single),
  ];
  return chosen.flatMap(({ id, files }) =>
    files.slice(0, photosEach).map(file => ({ id, file: path.join(images, id, file) })),
  );
}
