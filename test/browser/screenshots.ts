import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { startProduct } from '../end_to_end/product.ts';
import { testConfig } from '../end_to_end/test-models.ts';
import { ensureChromium } from './ensure-chromium.ts';
import { openBrowser } from './open-browser.ts';
import { askFor, enrolFace, goTo, sample } from './use-console.ts';

/** Writes docs/console/*.jpg, from the sample photos of an npm package: `npm run screenshots`. */

const folder = path.resolve(import.meta.dirname, '../../docs/console');
const desktop = { viewport: { width: 1280, height: 880 } };
const phone = { viewport: { width: 390, height: 800 }, deviceScaleFactor: 1.5, isMobile: true, hasTouch: true };

const config = await testConfig({ detector: { name: 'mtcnn' }, unknowns: { keep: true } });
const chromium = await ensureChromium();
if ('missing' in chromium) throw new Error(chromium.missing);
const product = await startProduct(config);
const { browser, openPage } = await openBrowser(chromium.command, product.apiUrl ?? '');
try {
  await mkdir(folder, { recursive: true });
  const looks: [string, BrowserContextOptions][] = [
    ['', desktop],
    ['-dark', { ...desktop, colorScheme: 'dark' }],
    ['-phone', phone],
  ];
  for (const [suffix, options] of looks) {
    await product.call('DELETE', '/identities?confirm=all');
    const { page } = await openPage({ reducedMotion: 'reduce', ...options });
    const save = (name: string): Promise<void> => shoot(page, `${name}${suffix}`);
    await enrolSome(page);
    await showRecognise(page, save);
    if (suffix !== '-dark') await showPeople(page, save);
    if (suffix === '') await showReview(page, save);
    if (suffix === '') await showCompare(page, save);
    if (suffix !== '-phone') await showModels(page, save);
  }
} finally {
  await browser.close();
  await product.close();
  await rm(config.data_dir, { recursive: true });
}

type Save = (name: string) => Promise<void>;

async function enrolSome(page: Page): Promise<void> {
  await askFor(page, await sample(1));
  for (const [index, name] of ['Maya Torres', 'Nora Lindqvist', 'Kate Brennan'].entries())
    await enrolFace(page, index, name);
  await askFor(page, await sample(4));
  for (const [index, name] of ['Lena Fischer', 'ليلى حداد', 'Iris Novak'].entries()) await enrolFace(page, index, name);
  await askFor(page, await sample(3));
  await enrolFace(page, await strangerIn(page), 'Jo Anders');
}

async function strangerIn(page: Page): Promise<number> {
  const tags = await page.locator('.face-row .tag').allTextContents();
  return tags.indexOf('unknown');
}

async function showRecognise(page: Page, save: Save): Promise<void> {
  await askFor(page, await sample(3));
  const rows = await page.locator('.face-row').allTextContents();
  await page
    .locator('.face-row')
    .nth(rows.findIndex(text => text.includes('Kate')))
    .click();
  await save('recognise');
}

async function showPeople(page: Page, save: Save): Promise<void> {
  await goTo(page, 'People');
  await page.locator('.person-row', { hasText: 'Kate' }).click();
  await page.locator('.template-row').waitFor();
  await save('people');
}

async function showReview(page: Page, save: Save): Promise<void> {
  // Somebody under two names, and people who pass by three times.
  const { body } = await product.call('POST', '/infer?embeddings=true', await sample(3));
  const faces = body.faces as unknown as { id: string | null; embedding: number[] }[];
  const { fingerprint } = (await product.call('GET', '/galleries/default')).body.model as { fingerprint: string };
  const embeddings = faces.filter(({ id }) => id === 'kate-brennan').map(({ embedding }) => embedding);
  await product.call('PUT', '/identities/k-brennan', { name: 'K. Brennan', embeddings, fingerprint });
  for (let i = 0; i < 3; i++) await product.infer(await sample(5));
  await goTo(page, 'Review');
  await page.locator('.review-form').first().waitFor();
  await save('review');
}

async function showCompare(page: Page, save: Save): Promise<void> {
  await goTo(page, 'Compare');
  const { body } = await product.infer(await sample(1));
  const laughing = body.faces.toSorted((a, b) => b.bounding_box[0] - a.bounding_box[0])[0]!;
  const [x1, y1, x2, y2] = laughing.bounding_box.map(Math.round) as [number, number, number, number];
  const area = { left: x1 - 230, top: y1 - 150, width: x2 - x1 + 460, height: y2 - y1 + 400 };
  const photos = [
    await sharp(await sample(1))
      .extract(area)
      .jpeg()
      .toBuffer(),
    await sample(3),
  ];
  for (const [side, buffer] of photos.entries()) {
    await page
      .locator('.pair-side')
      .nth(side)
      .locator('input')
      .setInputFiles({ name: 'a', mimeType: 'image/jpeg', buffer });
  }
  await page.locator('.verdict-word').waitFor();
  await save('compare');
}

async function showModels(page: Page, save: Save): Promise<void> {
  await goTo(page, 'Models');
  await page.locator('.model-card').first().waitFor();
  await save('models');
}

/** As JPEG: photos make large PNGs. What only tells for a moment is left out. */
async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate(async () => {
    document.querySelector('#toasts')?.replaceChildren();
    window.scrollTo(0, 0);
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    await Promise.all(
      [...document.images].filter(image => image.src !== '').map(image => image.decode().catch(() => {})),
    );
  });
  await page.mouse.move(0, 0);
  // Names and pictures of the nearest people are looked up behind what is shown.
  await page.waitForLoadState('networkidle');
  const bytes = await sharp(await page.screenshot())
    .jpeg({ quality: 80, mozjpeg: true, chromaSubsampling: '4:4:4' })
    .toBuffer();
  await writeFile(path.join(folder, `${name}.jpg`), bytes);
  process.stdout.write(`docs/console/${name}.jpg ${Math.round(bytes.length / 1024)} KB\n`);
}
