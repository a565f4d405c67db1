import { createReadStream } from 'node:fs';
import { copyFile, cp, glob, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFaceIdClient } from '../../../face_id_api/client/index.ts';
import { buildPackage as buildClient } from '../../../face_id_api/client/package/build-package.ts';
import { buildPackage as buildFaceId } from '../../../face_id_api/package/build-package.ts';
import { samplePhotos } from '../../end_to_end/test-models.ts';
import { type InstalledService, startInstalled } from './installed-service.ts';
import { type Installed, installPackage, noRegistry, run } from './packages.ts';

const photo = path.join(samplePhotos, 'sample1.jpg');
const packageTimeout = 600_000;

describe.skipIf(noRegistry !== null)(
  `the packages, installed from a registry${noRegistry === null ? '' : ` (skipped: ${noRegistry})`}`,
  () => {
    let faceId: Installed;
    let client: Installed;
    let service: InstalledService;
    let before: string[];

    beforeAll(async () => {
      faceId = await installPackage(buildFaceId);
      client = await installPackage(buildClient, 'node@22', '@types/node@22', 'typescript@5.9.3');
      before = await filesOf(faceId);
      service = await startInstalled(faceId);
    }, packageTimeout);
    afterAll(async () => {
      await service?.stop();
      await faceId?.remove();
      await client?.remove();
    });

    /** A command of the installed package; how it ended, and what it wrote. */
    async function faceIdSays(args: readonly string[], { stdin }: { stdin?: string } = {}) {
      const options = { cwd: faceId.directory, env: { ...service.env, FACE_ID_URL: service.url } };
      const running = run(faceId.bin('face-id'), args, options);
      if (stdin !== undefined) createReadStream(stdin).pipe(running.child.stdin!);
      return await running.then(
        ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
        ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
      );
    }

    describe('face-id', () => {
      it('holds what runs and nothing else', async () => {
        const files = before.filter(file => !file.startsWith('lib/'));
        expect(files).toEqual(['LICENSE', 'README.md', 'bin/face-id.js', 'config.yaml', 'package.json']);
        const kinds = new Set(before.map(file => path.extname(file)));
        expect([...kinds].filter(kind => ['.ts', '.jpg', '.onnx', '.proto'].includes(kind))).toEqual([]);
        for (const file of before.filter(name => name.endsWith('.js'))) {
          const code = await readFile(path.join(faceId.directory, 'node_modules/face-id', file), 'utf8');
          expect(code, file).not.toMatch(/new URL\((['"]).*\.ts\1|npm run /);
        }
      });

      it('keeps its files where it is started, says so once, and leaves node_modules alone', async () => {
        expect(service.output()).toContain(`${path.join(faceId.directory, 'data_dir')}  (who is enrolled)`);
        expect(service.output()).toMatch(/dlib_resnet +\| 1 +\| READY/);
        const made = await Array.fromAsync(glob('*', { cwd: faceId.directory }));
        expect(made).toEqual(expect.arrayContaining(['data_dir', 'triton', 'detector']));
        expect(await filesOf(faceId)).toEqual(before);
      });

      it('answers what people ask with curl', async () => {
        const body = await readFile(photo);
        const reply = await fetch(`${service.url}/infer`, {
          method: 'POST',
          body,
          headers: { 'content-type': 'image/jpeg' },
        });
        expect([reply.status, ((await reply.json()) as { faces: unknown[] }).faces.length]).toEqual([200, 3]);
        expect((await fetch(`${service.url}/docs/`)).status).toBe(200);
      });

      it('is asked by its own commands: the workers, the drawing and its font included', async () => {
        expect(await faceIdSays(['enrol', 'ann', photo])).toMatchObject({
          code: 0,
          stdout: expect.stringContaining('1 of 1'),
        });
        const asked = await faceIdSays(['infer', '-', '--draw', 'drawn.jpg', '--json'], { stdin: photo });
        expect(asked).toMatchObject({ code: 0, stderr: '' });
        expect(JSON.parse(asked.stdout).result.photos[0].faces.map((face: { id: string }) => face.id)).toEqual([
          'ann',
          null,
          null,
        ]);
        expect((await readFile(path.join(faceId.directory, 'drawn.jpg'))).length).toBeGreaterThan(100_000);
        expect(await faceIdSays(['verify', photo, photo])).toMatchObject({ code: 0 });
        expect(await faceIdSays(['identities', 'show', 'nobody'])).toMatchObject({ code: 4 });
        expect(await faceIdSays(['identities', 'delete', 'ann', '--yes'])).toMatchObject({ code: 0 });
      });

      it('has a doctor who finds it well', async () => {
        const { code, stdout } = await faceIdSays(['doctor', '--json']);
        const { findings } = JSON.parse(stdout).result;
        expect(findings.filter(({ state }: { state: string }) => state === 'fault')).toEqual([]);
        expect(code).toBe(0);
      });

      it('knows its version and its commands', async () => {
        const { version } = JSON.parse(
          await readFile(path.resolve(import.meta.dirname, '../../../package.json'), 'utf8'),
        );
        expect((await faceIdSays(['--version'])).stdout.trim()).toBe(version);
        const { stdout } = await faceIdSays(['models']);
        expect(stdout).toContain('face-id models add NAME');
      });

      it('says in words that a Node is too old', async () => {
        const old = client.bin('node');
        const failed = await run(old, [path.join(faceId.directory, 'node_modules/face-id/bin/face-id.js')]).catch(
          error => error,
        );
        expect(failed).toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/^face-id needs Node 24 or newer, and this is 22\./),
        });
      });
    });

    describe('face-id-client', () => {
      it('runs its examples on the oldest Node that it is for', async () => {
        const examples = path.join(client.directory, 'node_modules/face-id-client/examples');
        await cp(examples, path.join(client.directory, 'examples'), { recursive: true });
        await copyFile(photo, path.join(client.directory, 'group.jpg'));
        const example = async (name: string, ...args: string[]) => {
          const command = ['--experimental-strip-types', '--no-warnings', `examples/${name}.ts`, ...args];
          return (await run(client.bin('node'), command, { cwd: client.directory })).stdout;
        };
        const enrolled = await example('enrol', 'ann', 'group.jpg', '--url', service.url);
        expect(enrolled).toContain('ann: 1 of 1 photos enrolled, 1 templates in all\nasked again: ann');
        expect(await example('identify', 'group.jpg', service.url)).toMatch(/^ann, score (1\.000|0\.99\d), at \d/);
        expect(await example('everybody', service.url)).toContain('ann  (1 templates)\n1 people in the archive');
        expect(await readFile(path.join(client.directory, 'default.ndjson'), 'utf8')).toMatch(
          /^\{"format":"face-id gallery"/,
        );
        await createFaceIdClient({ url: service.url }).identities.delete('ann');
      });

      it.each([
        ['Node', { types: ['node'], lib: ['es2024'] }, ['examples/*.ts', 'node.ts']],
        ['a browser', { types: [], lib: ['es2024', 'dom', 'dom.iterable', 'dom.asynciterable'] }, ['browser.ts']],
      ])('is typed for %s', async (_, options, include) => {
        const consumer = `import { createFaceIdClient, type Face } from 'face-id-client';
        const faceId = createFaceIdClient({ url: 'https://faces.example' });
        export async function names(image: Blob): Promise<Face['id'][]> {
          const { faces } = await faceId.infer(image, { top_k: 3, gallery: 'staff' });
          // @ts-expect-error: there is no such decision
          if (faces[0]?.decision === 'perhaps') return [];
          // @ts-expect-error: the API has no such parameter
          await faceId.infer(image, { topk: 3 });
          for await (const { id, name } of faceId.identities.list({ 'metadata.team': 'blue' })) console.log(id, name);
          return faces.map(face => face.id);
        }`;
        for (const name of ['node.ts', 'browser.ts']) await writeFile(path.join(client.directory, name), consumer);
        const compilerOptions = {
          ...{ strict: true, noEmit: true, target: 'es2024', module: 'nodenext', moduleResolution: 'nodenext' },
          ...{ exactOptionalPropertyTypes: false, skipLibCheck: false, ...options },
        };
        const project = path.join(client.directory, 'tsconfig.json');
        await writeFile(project, JSON.stringify({ compilerOptions, include }));
        const checked = await run(client.bin('tsc'), ['-p', project], { cwd: client.directory }).catch(error => error);
        expect(checked.stdout).toBe('');
      });

      it('brings openapi-fetch with it and nothing else', async () => {
        const { stdout } = await run('npm', ['ls', '--all', '--json'], { cwd: client.directory });
        const own = JSON.parse(stdout).dependencies['face-id-client'].dependencies;
        expect(Object.keys(own)).toEqual(['openapi-fetch']);
      });
    });

    it('ends as it is told', async () => {
      expect(await service.stop()).toBe(0);
    });
  },
);

async function filesOf({ directory }: Installed): Promise<string[]> {
  const cwd = path.join(directory, 'node_modules/face-id');
  return (await Array.fromAsync(glob('**/*.*', { cwd })).then(files => [...files, 'LICENSE'])).sort();
}
