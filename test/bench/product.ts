// npm run bench [-- --quick]: measures the product and a peer on this machine and writes docs/benchmarks.md.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Measurement, measure, type Scenario } from './measure.ts';
import { runPeer } from './peer.ts';
import { startProductProcess } from './product-process.ts';
import { publish, quick, root } from './publish.ts';
import { writeReport } from './write-report.ts';

const photoDir = path.join(root, 'node_modules/@vladmandic/face-api/demo');
const files = [1, 2, 3, 4, 5, 6].map(n => path.join(photoDir, `sample${n}.jpg`));
const requests = quick ? 12 : 60;

const scenarios: Scenario[] = [
  {
    title: 'defaults: mtcnn (min face 40), dlib_resnet',
    settings: {},
    requests,
    memoryRequests: quick ? 0 : 1000,
  },
  {
    title: "the peer's settings: mtcnn (min face 20, full resolution), facenet_seeded",
    settings: {
      DETECTOR__MIN_FACE_SIZE: 20,
      DETECTOR__MAX_SIDE: 0,
      MODELS__EMBEDDER: 'facenet_seeded',
      // A made-up network has no calibration.
      DECISION__THRESHOLD: 0.5,
    },
    requests,
    memoryRequests: 0,
  },
  {
    title: 'mtcnn (min face 40), full resolution, dlib_resnet',
    settings: { DETECTOR__MAX_SIDE: 0 },
    requests,
    memoryRequests: 0,
  },
  {
    title: 'yunet, dlib_resnet',
    settings: { DETECTOR__NAME: 'yunet' },
    requests,
    memoryRequests: 0,
  },
  {
    title: 'yunet, mobilefacenet',
    settings: { DETECTOR__NAME: 'yunet', MODELS__EMBEDDER: 'mobilefacenet' },
    requests,
    memoryRequests: 0,
  },
];

const photos = await Promise.all(files.map(file => readFile(file)));
const dataDir = await mkdtemp(path.join(tmpdir(), 'face-id-bench-'));
try {
  const measurements: Measurement[] = [];
  for (const [i, scenario] of scenarios.entries()) {
    process.stdout.write(`${i + 1} of ${scenarios.length + 1}: ${scenario.title}\n`);
    // A gallery each, because one belongs to one model, and a repository with that model alone, as an installation has it.
    const own = {
      DATA_DIR: path.join(dataDir, String(i)),
      TRITON__MODEL_REPOSITORY: path.join(dataDir, `models-${i}`),
    };
    const settings = { ...scenario.settings, ...own };
    // The first start builds the models.
    await (await startProductProcess(settings)).close();
    measurements.push(await measure({ ...scenario, settings }, photos));
  }
  process.stdout.write(`${scenarios.length + 1} of ${scenarios.length + 1}: facenet-pytorch\n`);
  const peer = await runPeer(files);
  await publish('docs/benchmarks.md', date => writeReport(measurements, peer, date));
} finally {
  await rm(dataDir, { recursive: true, force: true });
}
