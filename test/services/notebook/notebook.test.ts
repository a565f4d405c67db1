import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Config } from '../../../config.ts';
import { startProduct } from '../../end_to_end/product.ts';
import { availableDetectors, samplePhotos, sharedPhotos, testConfig } from '../../end_to_end/test-models.ts';
import { executeNotebook } from './execute-notebook.ts';
import { codeSum, displayedBy, type Notebook, notebookFile, parseNotebook, printedBy } from './notebook-file.ts';

const jupyter = inject('jupyter');
const lfw = sharedPhotos === null ? null : path.join(sharedPhotos, 'lfw-dev');

/** Photos that the notebook is executed with: the id that it has to answer, and how many photos it enrols of that person. */
const runs = [
  { name: 'the sample photos', photos: null, id: 'person-03', enrolled: 1 },
  { name: 'a folder with 26 photos of one person', photos: lfw, id: 'Alejandro_Toledo', enrolled: 25 },
] as const;

if ('missing' in jupyter) {
  describe('the notebook', () => {
    it.skip(`skipped: ${jupyter.missing}`);
  });
} else {
  let config: Config;
  let product: Awaited<ReturnType<typeof startProduct>>;

  beforeAll(async () => {
    const name = (await availableDetectors()).at(-1);
    config = await testConfig({ detector: { name } });
    product = await startProduct(config);
    const { status } = await product.enrol('ann', [await readFile(path.join(samplePhotos, 'sample6.jpg'))]);
    expect(status).toBe(200);
  });
  afterAll(async () => {
    await product.close();
    await rm(config.data_dir, { recursive: true });
  });

  describe.each(runs)('the notebook, executed with $name', ({ name, photos, id, enrolled }) => {
    const isMissing = name !== 'the sample photos' && (photos === null || !existsSync(photos));
    let notebook: Notebook;

    beforeAll(async () => {
      if (isMissing) return;
      notebook = await executeNotebook({ jupyterDir: jupyter.dir, serviceUrl: product.apiUrl ?? '', photos });
    }, 600_000);

    it.skipIf(isMissing)('knows the person while they are enrolled, and at no other time (needs the photos)', () => {
      expect(printedBy(notebook, 'before')).toMatch(/^unknown: score 0\.\d+, confidence \d/);
      expect(confidenceIn(notebook, 'before')).toBeLessThan(50);
      expect(printedBy(notebook, 'enrol')).toBe(`${id}: ${enrolled} of ${enrolled} photo(s), 0 refused\n`);
      expect(printedBy(notebook, 'after').split(':')[0]).toBe(id);
      expect(confidenceIn(notebook, 'after')).toBeGreaterThan(95);
      expect(printedBy(notebook, 'gone')).toBe(printedBy(notebook, 'before'));
    });

    it.skipIf(isMissing)('shows the photo and the scores, those of one person above those of two', () => {
      const jpeg = Buffer.from(displayedBy(notebook, 'picture')['image/jpeg'] ?? '', 'base64');
      expect(jpeg.subarray(0, 2)).toEqual(Buffer.of(0xff, 0xd8));
      const histogram = displayedBy(notebook, 'histogram')['image/svg+xml'];
      expect(histogram).toMatch(/^<svg .*threshold.*<\/svg>$/s);
      expect(histogram).toContain(`one person (${(enrolled * (enrolled + 1)) / 2})`);
      const means = [...printedBy(notebook, 'scores').matchAll(/mean score (0\.\d+)/g)].map(([, mean]) => Number(mean));
      expect(means).toHaveLength(2);
      expect(means[0]).toBeGreaterThan(means[1]! + 0.02);
    });

    it.skipIf(isMissing)('erases with a receipt, leaves nothing behind and touches nobody else', async () => {
      const receipt = printedBy(notebook, 'erase');
      expect(receipt).toContain("subject: 'identity'");
      expect(receipt).toContain(`templates: ${enrolled},`);
      expect(receipt).not.toContain(id);
      expect(printedBy(notebook, 'clean')).toBe('3 identities erased; the gallery is gone\n');
      const { body } = await product.call('GET', '/galleries');
      expect(body.galleries).toMatchObject([{ name: 'default', identities: 1 }]);
    });

    it.skipIf(isMissing)('runs the code that is stored', async () => {
      expect(codeSum(notebook)).toBe(codeSum(parseNotebook(await readFile(notebookFile, 'utf8'))));
    });
  });
}

function confidenceIn(notebook: Notebook, id: string): number {
  return Number(/confidence ([\d.]+) %/.exec(printedBy(notebook, id))?.[1]);
}
