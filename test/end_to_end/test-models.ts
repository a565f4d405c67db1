import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Config, parseConfig } from '../../config.ts';
import { modelOptions } from '../../serve.ts';
import { ensureDetector, ensureEmbedder } from '../../triton/build/ensure-default-models.ts';
import { silentProgress } from '../../triton/build/progress.ts';

const root = path.resolve(import.meta.dirname, '../..');
const mirror = path.resolve(root, '../shared/models');

/**
 * The Triton that the tests ask: the embedded server, or `host:port` of one that serves their models. `npm run test:services` names NVIDIA's.
 */
const tritonUrl = process.env.FACE_ID_TEST_TRITON ?? 'embedded';

/** Labelled photos beside the checkout; null where they are absent. */
export const sharedPhotos = existsSync(path.resolve(root, '../shared/photos'))
  ? path.resolve(root, '../shared/photos')
  : null;

/** The sample photos that come with a package and so are on every machine. */
export const samplePhotos = path.join(root, 'node_modules/@vladmandic/face-api/demo');

/**
 * A configuration on free ports, over a data_dir of its own, with models that the tests keep between runs.
 * @param changes sections of the configuration to lay over it
 */
export async function testConfig(changes: Record<string, Record<string, unknown>> = {}): Promise<Config> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'face-id-test-'));
  const sections: Record<string, Record<string, unknown>> = {
    api: { port: 0 },
    detector: { port: 0, name: 'ssd_mobilenetv1', model_dir: '.cache/test-models/detector' },
    triton: {
      url: tritonUrl,
      grpc_port: 0,
      http_port: 0,
      metrics_port: 0,
      model_repository: '.cache/test-models/triton',
    },
    models: { mirror: existsSync(mirror) ? mirror : null },
  };
  for (const [name, change] of Object.entries(changes)) sections[name] = { ...sections[name], ...change };
  return parseConfig({
    text: JSON.stringify({ ...sections, data_dir: dataDir }),
    file: 'test configuration',
    baseDir: root,
    env: {},
  });
}

/** The detectors that can be had here: ssd always, mtcnn where one of its sources answers. */
export async function availableDetectors(): Promise<('ssd_mobilenetv1' | 'mtcnn')[]> {
  const config = await testConfig({ detector: { name: 'mtcnn' } });
  const options = modelOptions(config, { progress: silentProgress, signal: AbortSignal.timeout(120_000) });
  const { name } = await ensureDetector('mtcnn', options);
  return name === 'mtcnn' ? ['ssd_mobilenetv1', 'mtcnn'] : ['ssd_mobilenetv1'];
}

/** Folder of an embedder, installed where the tests keep their models; the default one unless another is named. */
export async function installedEmbedder(name?: string): Promise<string> {
  const config = await testConfig(name === undefined ? {} : { models: { embedder: name } });
  const options = modelOptions(config, { progress: silentProgress, signal: AbortSignal.timeout(120_000) });
  return (await ensureEmbedder(config.models.embedder, options)).dir;
}
