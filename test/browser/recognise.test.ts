import type { Locator } from 'playwright-core';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { crowdOf } from './crowd.ts';
import { describeConsole } from './describe-console.ts';
import { askFor, choosePhoto, decisions, enrolFace, sample } from './use-console.ts';

describeConsole('a photo in the console', ({ open, product }) => {
  it('is answered, a face is enrolled with the keyboard alone, and is known from then on', async () => {
    const page = await open();
    await askFor(page, await sample(1));
    await expect.poll(() => decisions(page)).toEqual(['unknown', 'unknown', 'unknown']);
    await expect.poll(() => page.locator('#live').textContent()).toBe('3 faces found, nobody is known.');
    await page.keyboard.press('Tab');
    await page.locator('button.face').first().focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('Ada Lovelace');
    await page.keyboard.press('Enter');
    await expect.poll(() => decisions(page)).toEqual(['match', 'unknown', 'unknown']);
    await expect.poll(() => page.locator('.face-label.is-match .face-who').textContent()).toBe('Ada Lovelace');
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('face-row');
    const { body } = await product().call('GET', '/identities/ada-lovelace');
    expect(body).toMatchObject({ name: 'Ada Lovelace', templates: 1 });
  });

  it('shows its faces to arrow keys and Escape, and their nearest people on focus and under the pointer', async () => {
    const page = await open();
    await askFor(page, await sample(1));
    await enrolFace(page, 0, 'Ada Lovelace');
    const faces = page.locator('button.face');
    const leftmost = await leftOf(faces);
    await faces.nth(leftmost[1]!).focus();
    await page.keyboard.press('ArrowLeft');
    const focused = faces.nth(leftmost[0]!);
    expect(await focused.evaluate(face => face === document.activeElement)).toBe(true);
    await expect.poll(() => focused.getAttribute('aria-pressed')).toBe('true');
    const card = page.getByRole('tooltip');
    await expect.poll(() => card.textContent()).toMatch(/Ada Lovelace/);
    await expect.poll(() => focused.getAttribute('aria-describedby')).toBe(await card.getAttribute('id'));
    await page.keyboard.press('Escape');
    await expect.poll(() => focused.getAttribute('aria-pressed')).toBe('false');
    await faces.nth(leftmost[1]!).hover();
    await card.waitFor({ state: 'visible' });
    await page.mouse.move(0, 0);
    await card.waitFor({ state: 'hidden' });
  });

  it('is decided again at once by the threshold, which says the rate that it stands for', async () => {
    const page = await open();
    await askFor(page, await sample(1));
    for (const index of [0, 1, 2]) await enrolFace(page, index, `Person ${index}`);
    // Another photo of one of them.
    await askFor(page, await sample(3));
    await expect.poll(async () => (await decisions(page)).sort()).toEqual(['match', 'unknown', 'unknown']);
    const { body } = await product().call('GET', '/models');
    const [loose, strict] = measuredOf(body, 'ssd_mobilenetv1');
    const slider = page.locator('.recognise').getByRole('slider', { name: 'Threshold' });
    expect(Number(await slider.inputValue())).toBeCloseTo(strict!.threshold, 3);
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/false-match rate 0\.1 %/);
    let asked = 0;
    page.on('request', request => {
      if (request.url().includes('/infer')) asked += 1;
    });
    await slider.focus();
    await page.keyboard.press('PageDown');
    expect(Number(await slider.inputValue())).toBeCloseTo(loose!.threshold, 3);
    await expect.poll(() => page.locator('.recognise .rule-words').textContent()).toMatch(/FMR1 %/);
    await page.keyboard.press('End');
    await expect.poll(() => decisions(page)).toEqual(['unknown', 'unknown', 'unknown']);
    await page.keyboard.press('Home');
    await expect.poll(() => page.locator('.recognise .rule-words').textContent()).toMatch(/Not measured this low/);
    await expect.poll(async () => (await decisions(page)).includes('unknown')).toBe(false);
    await expect
      .poll(() => page.getByRole('button', { name: 'FMR 0.01 %, not supported by the data' }).isDisabled())
      .toBe(true);
    await page.locator('.recognise').getByRole('button', { name: 'Reset' }).click();
    await expect.poll(async () => (await decisions(page)).sort()).toEqual(['match', 'unknown', 'unknown']);
    expect(asked).toBe(0);
  });

  it('asks again for another way of comparing and for another gallery', async () => {
    const page = await open();
    await askFor(page, await sample(1));
    await enrolFace(page, 0, 'Ada Lovelace');
    const byPerson = page.waitForRequest(request => request.url().includes('by=person'));
    await page.getByLabel('By person').check();
    await byPerson;
    await product().call('PUT', '/galleries/staff', {});
    await page.reload();
    await page.locator('#gallery').selectOption('staff');
    await askFor(page, await sample(1));
    await expect.poll(() => decisions(page)).toEqual(['unknown', 'unknown', 'unknown']);
    await page.locator('#gallery').selectOption('default');
    await expect.poll(() => decisions(page)).toEqual(['match', 'unknown', 'unknown']);
    await product().call('DELETE', '/galleries/staff?confirm=all');
  });

  it('of somebody who is enrolled twice is ambiguous, and the two are merged from there', async () => {
    const photo = await sample(1);
    const { body } = await product().infer(photo, '?embeddings=true');
    const { embedding } = body.faces[0] as { embedding?: number[] };
    const { fingerprint } = body.model as { fingerprint: string };
    for (const id of ['ada', 'ada.2']) {
      await product().call('PUT', `/identities/${id}`, { embeddings: [embedding], fingerprint, name: id });
    }
    const page = await open();
    await askFor(page, photo);
    await expect.poll(() => decisions(page)).toEqual(['ambiguous', 'unknown', 'unknown']);
    await page.locator('.face-row').first().click();
    await page.getByRole('button', { name: 'Merge the two' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Merge', exact: true }).click();
    await expect.poll(() => decisions(page)).toEqual(['match', 'unknown', 'unknown']);
    expect((await product().call('GET', '/identities/ada')).body).toMatchObject({ templates: 2 });
  });

  it('may be dropped, pasted or taken with the camera', async () => {
    const page = await open({ permissions: ['camera'] });
    const photo = (await sample(1)).toString('base64');
    for (const way of ['drop', 'paste'] as const) {
      const replied = page.waitForResponse(reply => reply.url().includes('/infer'));
      await page.evaluate(
        ([kind, base64]) => {
          const bytes = Uint8Array.from(atob(base64!), letter => letter.charCodeAt(0));
          const data = new DataTransfer();
          data.items.add(new File([bytes], 'photo.jpg', { type: 'image/jpeg' }));
          const zone = document.querySelector('.recognise .drop-zone')!;
          if (kind === 'drop') zone.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
          else document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data }));
        },
        [way, photo],
      );
      expect((await replied).status(), way).toBe(200);
      await expect.poll(() => decisions(page), { message: way }).toHaveLength(3);
      await page.getByRole('button', { name: 'Clear' }).click();
    }
    await page.locator('.recognise .drop-zone').getByRole('button', { name: 'Camera' }).click();
    const replied = page.waitForResponse(reply => reply.url().includes('/infer'));
    await page.getByRole('button', { name: 'Take it' }).click();
    expect((await replied).status()).toBe(200);
    await page.getByText('No face was found in this photo.').waitFor();
  });

  it('has its boxes on its faces when it was stored rotated, and when it is larger than what is shown', async () => {
    const page = await open();
    const photo = await sample(1);
    await askFor(page, photo);
    await expect.poll(() => page.locator('button.face').count()).toBe(3);
    const upright = await places(page.locator('button.face'), page.locator('.recognise .stage-frame'));
    const rotated = await sharp(photo).rotate(-90).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
    const large = await sharp(photo).resize({ width: 3600 }).jpeg().toBuffer();
    for (const other of [rotated, large]) {
      await askFor(page, other);
      const image = page.locator('.recognise .stage-image');
      const shown = await image.evaluate((img: HTMLImageElement) => img.naturalWidth / img.naturalHeight);
      expect(shown).toBeCloseTo(1.5, 2);
      expect(await image.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeLessThanOrEqual(2400);
      const now = await places(page.locator('button.face'), page.locator('.recognise .stage-frame'));
      for (const place of upright) {
        const nearest = Math.min(...now.map(one => Math.hypot(one[0] - place[0], one[1] - place[1])));
        expect(nearest).toBeLessThan(0.02);
      }
    }
  });

  it('with many faces has labels that do not cover each other', async () => {
    const page = await open();
    await askFor(page, await crowdOf(product(), 30));
    await expect.poll(() => page.locator('button.face').count()).toBeGreaterThanOrEqual(15);
    await enrolFace(page, 0, 'Somebody with a name that is longer than there is room for above a face');
    const boxes = await page.locator('.face-label:not(.is-hidden)').evaluateAll(labels =>
      labels.map(label => {
        const { left, top, right, bottom } = label.getBoundingClientRect();
        return { left, top, right, bottom };
      }),
    );
    expect(boxes.length).toBeGreaterThanOrEqual(10);
    for (const [i, a] of boxes.entries()) {
      for (const b of boxes.slice(i + 1)) {
        const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        expect(Math.min(width, height)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('without a face, or in a format that the browser cannot show, is answered in words', async () => {
    const page = await open();
    const empty = await sharp({ create: { width: 400, height: 300, channels: 3, background: '#8aa' } })
      .jpeg()
      .toBuffer();
    await askFor(page, empty);
    await expect.poll(() => page.locator('.recognise .stage-summary').textContent()).toMatch(/^No face was found/);
    await askFor(
      page,
      await sharp(await sample(1))
        .tiff({ compression: 'jpeg' })
        .toBuffer(),
      'image/tiff',
    );
    await expect.poll(() => decisions(page)).toHaveLength(3);
    await page.locator('.recognise').getByText('This browser cannot show the format').waitFor();
  });

  it('can be called back while it is looked at', async () => {
    const page = await open();
    await page.route('**/infer*', () => {});
    await choosePhoto(page, await sample(1));
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled.').waitFor();
    await page.unroute('**/infer*');
    await page.getByRole('button', { name: 'Ask again' }).click();
    await expect.poll(() => decisions(page)).toHaveLength(3);
  });
});

/** Indexes of elements by their left edge. */
async function leftOf(elements: Locator): Promise<number[]> {
  const lefts = await elements.evaluateAll(all => all.map(one => one.getBoundingClientRect().left));
  return lefts.map((_, index) => index).sort((a, b) => lefts[a]! - lefts[b]!);
}

/** Centres of elements as shares of a frame. */
async function places(elements: Locator, frame: Locator): Promise<[number, number][]> {
  const around = (await frame.boundingBox())!;
  const boxes = await elements.evaluateAll(all =>
    all.map(one => {
      const { left, top, width, height } = one.getBoundingClientRect();
      return [left + width / 2, top + height / 2] as const;
    }),
  );
  return boxes.map(([x, y]) => [(x - around.x) / around.width, (y - around.y) / around.height]);
}

function measuredOf(body: unknown, detector: string): { fmr: number; threshold: number }[] {
  type Model = { kind: string; calibration: { detector: string; thresholds: { fmr: number; threshold: number }[] }[] };
  const { models } = body as { models: Model[] };
  const embedder = models.find(({ kind }) => kind === 'embedder');
  return embedder?.calibration.find(measured => measured.detector === detector)?.thresholds ?? [];
}
