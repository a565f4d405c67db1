// npm run bench -- detectors: the three detectors on the labelled reference photos, side by side; writes docs/benchmarks-detectors.md.
import { intersectionOverUnion } from '../../detector/core/box.ts';
import { createDetector } from '../../detector/create-detector.ts';
import { decodeImage } from '../../detector/decode-image.ts';
import type { DetectorName } from '../../detector/detector.ts';
import { missingPhotos, type ReferencePhoto, readReference } from '../conformance/detector/reference-photos.ts';
import { createInThreadContext } from '../contract/detector/in-thread-context.ts';
import { installForTest } from '../contract/detector/install-for-test.ts';
import { fixed, machine, table } from './markdown.ts';
import { publish } from './publish.ts';

const detectors: readonly DetectorName[] = ['mtcnn', 'yunet', 'ssd_mobilenetv1'];
const thresholds = [0.6, 0.7, 0.7] as const;
const rounds = 3;

/** The detectors draw their boxes differently: MTCNN's are squarer. */
const sameFace = 0.4;
const sure = 0.95;

type Counts = { expected: number; found: number; others: number; ms: number };

if (missingPhotos !== null) throw new Error(missingPhotos);
const photos = readReference();
const rows: string[][] = [];
for (const name of detectors) {
  for (const minFaceSize of [40, 20]) {
    const { expected, found, others, ms } = await measure(name, minFaceSize);
    const recall = `${found} of ${expected} (${fixed((100 * found) / expected, 1)} %)`;
    rows.push([name, String(minFaceSize), recall, String(others), fixed(ms, 1)]);
    process.stdout.write(`${rows.at(-1)?.join(' · ')}\n`);
  }
}
await publish('docs/benchmarks-detectors.md', date =>
  [
    '# Benchmarks of the detectors',
    '',
    `Written by \`npm run bench -- detectors\`; do not edit. ${photos.length} photos with one face to some thirty, at full resolution. Reference: facenet-pytorch's`,
    `MTCNN at min face 20, its faces with probability ≥ ${sure} whose shorter side is at least as large as asked for. Found: a box with IoU ≥ ${sameFace}.`,
    'Others: faces reported where the reference has none at any probability (IoU < 0.3). Milliseconds: detection alone, one thread, the mean over',
    `the photos of the best of ${rounds} runs.`,
    '',
    `${date} · ${machine()}`,
    '',
    ...table(['detector', 'min face px', 'reference faces found', 'others', 'ms a photo'], rows),
    '',
  ].join('\n'),
);

async function measure(name: DetectorName, minFaceSize: number): Promise<Counts> {
  const installed = await installForTest(name);
  const context = createInThreadContext();
  const counts: Counts = { expected: 0, found: 0, others: 0, ms: 0 };
  try {
    const detector = createDetector(name, installed.dir);
    for (const photo of photos) {
      const { pixels } = await decodeImage(photo.bytes(), { maxSide: 0, convertIcc: false });
      let best = Number.POSITIVE_INFINITY;
      let boxes: ReferencePhoto['faces'][number]['box'][] = [];
      for (let round = 0; round < rounds; round++) {
        const begun = performance.now();
        const faces = await detector.detect(pixels, { minFaceSize, thresholds }, context);
        best = Math.min(best, performance.now() - begun);
        boxes = faces.map(({ box: [x1, y1, x2, y2] }) => [x1, y1, x2, y2]);
      }
      counts.ms += best / photos.length;
      count(photo, boxes, minFaceSize, counts);
    }
    return counts;
  } finally {
    await context.close();
    await installed.remove();
  }
}

function count(
  { faces }: ReferencePhoto,
  boxes: ReferencePhoto['faces'][number]['box'][],
  minFaceSize: number,
  counts: Counts,
) {
  for (const { box, probability } of faces) {
    if (probability < sure || Math.min(box[2] - box[0], box[3] - box[1]) < minFaceSize) continue;
    counts.expected++;
    if (boxes.some(other => intersectionOverUnion(other, box) >= sameFace)) counts.found++;
  }
  counts.others += boxes.filter(box => faces.every(face => intersectionOverUnion(face.box, box) < 0.3)).length;
}
