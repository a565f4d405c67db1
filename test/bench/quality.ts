// npm run bench -- quality [--quick] [--data DIR] [--detector NAME]: what measuring a face takes; with labelled photos also what good
// and faulty ones measure, and what each threshold leaves out. Writes docs/benchmarks-quality.md; of another detector than mtcnn
// only with --quick.
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { qualityConfig } from '../../face_id_api/config.ts';
import { thresholdsFor } from '../../face_id_api/core/quality-faults.ts';
import { readPairs } from '../../face_id_api/eval/lfw-folder.ts';
import { startProduct } from '../end_to_end/product.ts';
import { samplePhotos, sharedPhotos, testConfig } from '../end_to_end/test-models.ts';
import { publish, quick } from './publish.ts';
import { writeQualityReport } from './quality-report.ts';
import { collectSamples } from './quality-samples.ts';
import { timeMeasures } from './quality-time.ts';

const data = optionOf('--data') ?? (sharedPhotos && path.join(sharedPhotos, 'lfw-dev'));
const detector = optionOf('--detector') ?? 'mtcnn';
if (detector !== 'mtcnn' && !quick)
  throw new Error('--detector: expected --quick with it, since the report is about mtcnn');
const most = quick ? 40 : 300;

const config = await testConfig({ detector: { name: detector } });
const { finder, embedder, embedderModel, close } = await startProduct(config, ['triton', 'detector']);
try {
  if (finder === null || embedder === null || embedderModel === null)
    throw new Error('the product runs without models');
  const photos = await Promise.all([1, 2, 3, 4, 5, 6].map(n => readFile(path.join(samplePhotos, `sample${n}.jpg`))));
  const times = await timeMeasures(photos, finder);
  for (const { crop, faces, ms } of times)
    process.stdout.write(`${crop}: ${ms.toFixed(3)} ms a face (${faces} faces)\n`);
  if (data === null) {
    process.stdout.write(
      'No labelled photos: nothing else is measured, nothing is written. --data names a folder as LFW has it.\n',
    );
  } else {
    const all = (await readPairs(path.join(data, 'pairsDevTrain.txt'))).pairs.filter(({ samePerson }) => samePerson);
    const pairs = spread(all, most);
    let done = 0;
    const samples = await collectSamples(pairs, {
      finder,
      embedder,
      root: path.join(data, 'images'),
      onPair: () => {
        done += 1;
        if (done % 50 === 0) process.stdout.write(`${done} of ${pairs.length} pairs\n`);
      },
    });
    const threshold = embedderModel.card.calibration
      .find(calibration => calibration.detector === detector)
      ?.thresholds.find(({ fmr }) => fmr === 0.001)?.threshold;
    if (threshold === undefined || threshold === null) throw new Error('the embedder has no threshold at FMR 0.001');
    const thresholds = thresholdsFor(qualityConfig.parse({}).thresholds, detector);
    const about = { detector, embedder: embedderModel.name, pairs: pairs.length, threshold, thresholds, times };
    await publish('docs/benchmarks-quality.md', date => writeQualityReport(samples, about, date));
  }
} finally {
  await close();
  await rm(config.data_dir, { recursive: true });
}

function optionOf(flag: string): string | undefined {
  const at = process.argv.indexOf(flag);
  return at === -1 ? undefined : process.argv[at + 1];
}

/** As many as wanted, evenly over the list, which is in the order of names. */
function spread<T>(items: readonly T[], most: number): T[] {
  const step = Math.max(1, items.length / most);
  return Array.from({ length: Math.min(most, items.length) }, (_, i) => items[Math.floor(i * step)]!);
}
