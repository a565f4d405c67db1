import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { samplePhotos } from '../end_to_end/test-models.ts';

/** One of the sample photos that come with a package. */
export const sample = (number: number): Promise<Buffer> => readFile(path.join(samplePhotos, `sample${number}.jpg`));

/** Chooses a photo on the page Recognise. */
export async function choosePhoto(page: Page, photo: Buffer, mimeType = 'image/jpeg'): Promise<void> {
  const isShown = await page.locator('.recognise .shown').isVisible();
  const input = page.locator(isShown ? '.stage-tools input[type=file]' : '.recognise .drop-zone input[type=file]');
  await input.setInputFiles({ name: 'photo', mimeType, buffer: photo });
}

/** Chooses a photo and waits until it is answered, well or not. */
export async function askFor(page: Page, photo: Buffer, mimeType?: string): Promise<void> {
  const replied = page.waitForResponse(reply => reply.url().includes('/infer'));
  await choosePhoto(page, photo, mimeType);
  await (await replied).finished();
  await page.locator('.shown.is-busy').waitFor({ state: 'detached' });
}

/** Enrols a face of the photo that is shown, as somebody with a keyboard does; waits for the new answer. */
export async function enrolFace(page: Page, index: number, name: string): Promise<void> {
  await page.locator('button.face').nth(index).focus();
  await page.keyboard.press('Enter');
  const form = page.getByRole('form', { name: 'Enrol this face' });
  await form.getByLabel('Name').fill(name);
  const replied = page.waitForResponse(reply => reply.url().includes('/infer'));
  await form.getByRole('button', { name: 'Enrol' }).click();
  await (await replied).finished();
  await form.waitFor({ state: 'detached' });
  await page.locator('.shown.is-busy').waitFor({ state: 'detached' });
}

/** What the list of faces says, from the first to the last. */
export async function decisions(page: Page): Promise<string[]> {
  return page.locator('.face-row .tag').allTextContents();
}

export async function goTo(
  page: Page,
  name: 'Recognise' | 'People' | 'Review' | 'Compare' | 'Galleries' | 'Models',
): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}
