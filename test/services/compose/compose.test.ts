import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { isolateFace } from '../../../detector/isolate-face.ts';
import { type Client, createClient, type Face } from '../../end_to_end/product.ts';
import { samplePhotos } from '../../end_to_end/test-models.ts';
import { openEngine } from './open-engine.ts';
import { buildImages, openStack, type Service, type Stack, services } from './open-stack.ts';

const docker = inject('docker');
const root = path.resolve(import.meta.dirname, '../../..');
const maxImageBytes = 450e6;
const person = 'anna-of-the-compose-test';

/** One person in two of the sample photos, as data/demo.json has them. */
const enrolledAt = [1584, 320] as const;
const seenAt = [1173, 354] as const;

describe.skipIf('missing' in docker)(
  `docker-compose up${'missing' in docker ? ` (skipped: ${docker.missing})` : ''}`,
  { timeout: 400_000 },
  () => {
    const closers: (() => Promise<unknown>)[] = [];
    let stack: Stack;
    let api: Client;
    let enrolledPhoto: Buffer;
    let otherPhoto: Buffer;

    beforeAll(async () => {
      if ('missing' in docker) return;
      const engine = await openEngine(docker.folder);
      closers.push(() => engine.close());
      stack = await openStack(engine);
      closers.push(() => stack.close());
      api = createClient(stack.url, stack.key);
      enrolledPhoto = await readFile(path.join(samplePhotos, 'sample1.jpg'));
      otherPhoto = await readFile(path.join(samplePhotos, 'sample3.jpg'));
      await buildImages(stack);
    }, 900_000);
    afterAll(async () => {
      for (const close of closers.reverse()) await close();
    });

    const shell = (service: Service, script: string): Promise<string> =>
      stack.mustCompose(['exec', '-T', service, '/bin/sh', '-c', script]);

    async function expectRecognised(): Promise<void> {
      const { status, body } = await api.infer(otherPhoto);
      expect(status).toBe(200);
      expect(faceAt(body.faces, seenAt)).toMatchObject({ id: person, decision: 'match' });
    }

    it('builds images under 450 MB, each with what it needs', async () => {
      for (const service of services) {
        const bytes = Number(await stack.docker(['image', 'inspect', '-f', '{{.Size}}', stack.images[service]]));
        process.stdout.write(`${stack.images[service]}: ${Math.round(bytes / 1e6)} MB\n`);
        expect(bytes).toBeLessThan(maxImageBytes);
      }
      const holds = async (service: Service): Promise<string[]> => {
        const list =
          'ls -d node_modules/onnxruntime-node node_modules/@vladmandic detector/models triton/models 2> /dev/null; true';
        const run = ['run', '--rm', '--entrypoint', '/bin/sh', stack.images[service], '-c', list];
        return (await stack.docker(run)).split('\n').filter(line => line !== '');
      };
      expect(await holds('api')).toEqual([]);
      expect((await holds('detector')).sort()).toEqual(['detector/models', 'node_modules/onnxruntime-node']);
      expect((await holds('triton')).sort()).toEqual(['node_modules/@vladmandic', 'node_modules/onnxruntime-node']);
    });

    it.each([
      ['no file', null, /no such file|EISDIR|does not exist|cannot be read/],
      ['an empty file', '\n', /admin_key_file: .*expected one key .* but it is empty/],
      ['a key that could be guessed', 'changeme\n', /admin_key_file: .*expected one key of at least/],
    ])('does not start with %s for a secret, and says why', async (_, text, reason) => {
      await stack.writeSecret('api_key', text);
      const { code, output } = await stack.compose(['run', '--rm', '--no-deps', 'api']);
      expect(code).not.toBe(0);
      expect(output).toMatch(reason);
      expect(output).not.toContain('changeme');
      expect(output).not.toMatch(/^\s+at .*\.ts/m);
    });

    it('comes up healthy, with one command', async () => {
      await stack.writeSecret('api_key', `${stack.key}\n`);
      await stack.mustCompose(['up', '-d'], { timeoutMs: 300_000 });
      await stack.waitUntilHealthy();
    });

    it('asks for the key, and takes no other', async () => {
      for (const client of [createClient(stack.url), createClient(stack.url, 'f'.repeat(64))]) {
        expect(await client.call('GET', '/identities')).toMatchObject({
          status: 401,
          body: { code: 'UNAUTHENTICATED' },
        });
      }
      expect((await createClient(stack.url).call('GET', '/readyz')).status).toBe(200);
    });

    it('enrols somebody, and finds them in another photo', async () => {
      const { body } = await api.infer(enrolledPhoto);
      const face = faceAt(body.faces, enrolledAt);
      const { status } = await api.enrol(person, [await isolateFace(enrolledPhoto, face.bounding_box, 0.6)]);
      expect(status).toBe(200);
      await expectRecognised();
    });

    it('runs everything as nobody in particular, with no capability and a file system that stays as it is', async () => {
      for (const service of services) {
        expect(await shell(service, 'id -u')).toBe('1000');
        expect(await shell(service, 'grep -E "^(NoNewPrivs|CapEff|CapBnd)" /proc/1/status | tr -d "\\t\\n"')).toBe(
          'CapEff:0000000000000000CapBnd:0000000000000000NoNewPrivs:1',
        );
        const tried = 'for place in /opt/face-id /etc /usr/local/bin /var/lib; do touch $place/x 2>&1; done; true';
        const refused = (await shell(service, tried)).split('\n');
        expect(refused).toHaveLength(4);
        for (const line of refused) expect(line).toMatch(/Read-only file system|Permission denied/);
      }
      expect(await shell('api', 'touch /var/lib/face-id/models/x 2>&1; true')).toMatch(/Read-only file system/);
      expect(await shell('api', 'stat -c %a /var/lib/face-id/data')).toBe('700');
    });

    it('publishes the API alone, on loopback, and gives the others no way out', async () => {
      const published: string[] = [];
      for (const service of services) {
        const id = await stack.mustCompose(['ps', '-q', service]);
        const ports = await stack.docker(['inspect', '-f', '{{json .NetworkSettings.Ports}}', id]);
        const bound = Object.values<{ HostIp: string }[] | null>(JSON.parse(ports)).flatMap(list => list ?? []);
        published.push(...bound.map(({ HostIp }) => `${service} ${HostIp}`));
      }
      expect(published).toEqual(['api 127.0.0.1']);
      const networks = '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}';
      for (const service of ['detector', 'triton'] as const) {
        const id = await stack.mustCompose(['ps', '-q', service]);
        const names = (await stack.docker(['inspect', '-f', networks, id])).trim().split(' ');
        expect(names).toEqual([expect.stringMatching(/_inside$/)]);
        expect(await stack.docker(['network', 'inspect', '-f', '{{.Internal}}', ...names])).toBe('true');
      }
    });

    it.each(['detector', 'triton'] as const)(
      'refuses with a code while %s is away, and is right again',
      async service => {
        await stack.mustCompose(['stop', service]);
        try {
          const { status, body } = await api.infer(otherPhoto);
          // A container that is gone refuses no connection: where its name is still known, the deadline ends the wait.
          expect([`503 DEPENDENCY_DOWN`, `504 DEADLINE`]).toContain(`${status} ${body.code}`);
          expect((await api.call('GET', '/readyz')).status).toBe(503);
        } finally {
          await stack.mustCompose(['start', service]);
          await stack.waitUntilHealthy();
        }
        await expectRecognised();
      },
    );

    it('knows everybody again after the API was restarted', async () => {
      await stack.mustCompose(['restart', 'api']);
      await stack.waitUntilHealthy();
      await expectRecognised();
    });

    it('takes a new key without a restart', async () => {
      const name = 'compose-test';
      const made = await stack.mustCompose([
        'exec',
        '-T',
        'api',
        'node',
        'main.ts',
        'keys',
        'add',
        name,
        '--scope',
        'read',
      ]);
      const key =
        made
          .split('\n')
          .find(line => /^\S{24,}$/.test(line.trim()))
          ?.trim() ?? '';
      await expect
        .poll(async () => (await createClient(stack.url, key).call('GET', '/identities')).status, { timeout: 30_000 })
        .toBe(200);
    });

    it('writes nothing personal into its logs', async () => {
      const { output } = await stack.compose(['logs', '--no-color']);
      expect(output).toContain('/infer');
      for (const secret of [person, stack.key, enrolledPhoto.toString('base64').slice(0, 40)]) {
        expect(output).not.toContain(secret);
      }
    });

    it('keeps people, keys and models through down and up', async () => {
      await stack.mustCompose(['down', '--timeout', '30']);
      await expect(api.infer(otherPhoto)).rejects.toThrow();
      await stack.mustCompose(['up', '-d'], { timeoutMs: 300_000 });
      await stack.waitUntilHealthy();
      await expectRecognised();
      const { output } = await stack.compose(['logs', '--no-color', 'triton']);
      expect(output).toContain('dlib_resnet');
      expect(output).not.toContain('dlib_resnet: building');
    });

    it('comes back from a backup, as docs/docker.md has it, after everything was erased', async () => {
      const [backup, restore] =
        (await readFile(path.join(root, 'docs/docker.md'), 'utf8')).match(/^.*--entrypoint tar.*$/gm) ?? [];
      await stack.sh(`docker-compose stop api\n${backup}`);
      await stack.mustCompose(['down', '--volumes', '--timeout', '30']);
      await stack.sh(`${restore}`);
      await stack.mustCompose(['up', '-d'], { timeoutMs: 300_000 });
      await stack.waitUntilHealthy();
      await expectRecognised();
    });
  },
);

function faceAt(faces: readonly Face[], [x, y]: readonly [number, number]): Face {
  const found = faces.find(
    ({ bounding_box: [left, top, right, bottom] }) => left < x && x < right && top < y && y < bottom,
  );
  if (!found) throw new Error(`expected a face at ${x}, ${y}, among ${faces.length}`);
  return found;
}
