import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createTritonClient } from '../../../triton/client/create-triton-client.ts';
import { float32Values } from '../../../triton/client/read-tensor.ts';
import { openEngine } from './open-engine.ts';
import { buildImages, openStack } from './open-stack.ts';

const docker = inject('docker');
const [side, dim] = [150, 128];

describe.skipIf('missing' in docker)(
  `the embedded Triton's image, by testcontainers${'missing' in docker ? ` (skipped: ${docker.missing})` : ''}`,
  { timeout: 400_000 },
  () => {
    const closers: (() => Promise<unknown>)[] = [];
    let container: StartedTestContainer;

    beforeAll(async () => {
      if ('missing' in docker) return;
      const engine = await openEngine(docker.folder);
      closers.push(() => engine.close());
      // Its helper that removes what a killed test leaves is an image to be pulled.
      Object.assign(process.env, engine.env, { TESTCONTAINERS_RYUK_DISABLED: 'true' });
      const stack = await openStack(engine);
      closers.push(() => stack.close());
      await buildImages(stack);
      container = await new GenericContainer(stack.images.triton)
        .withExposedPorts(8000, 8001, 8002)
        .withDroppedCapabilities('ALL')
        .withSecurityOpt('no-new-privileges')
        .withWaitStrategy(Wait.forHealthCheck())
        .withStartupTimeout(180_000)
        .start();
      closers.push(() => container.stop());
    }, 900_000);
    afterAll(async () => {
      for (const close of closers.reverse()) await close();
    });

    const address = (port: number): string => `${container.getHost()}:${container.getMappedPort(port)}`;

    it('starts alone, with no other container and no network, and embeds over gRPC', async () => {
      const client = createTritonClient({ address: address(8001), deadlineMs: 60_000 });
      closers.push(async () => client.close());
      const pixels = new Uint8Array(3 * side * side).map((_, i) => (i * 31) % 256);
      const input = { name: 'INPUT__0', datatype: 'UINT8', shape: [1, 3, side, side], data: pixels } as const;
      const { outputs } = await client.infer({ model: 'dlib_resnet', inputs: [input] });
      const output = outputs.get('OUTPUT__0');
      expect(output).toMatchObject({ datatype: 'FP32', shape: [1, dim] });
      expect(Math.hypot(...float32Values(output))).toBeCloseTo(1, 4);
    });

    it('is ready over HTTP and counts what it did', async () => {
      expect((await fetch(`http://${address(8000)}/v2/health/ready`)).status).toBe(200);
      expect(await (await fetch(`http://${address(8002)}/metrics`)).text()).toContain('nv_inference_request_success');
    });
  },
);
