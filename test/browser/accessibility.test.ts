import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeConsole } from './describe-console.ts';
import { askFor, enrolFace, goTo, sample } from './use-console.ts';

const schemes = ['light', 'dark'] as const;
const sizes = { desktop: { width: 1360, height: 860 }, phone: { width: 360, height: 740 } };

describeConsole('the console for everybody', ({ open }) => {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of schemes) {
      it(`has nothing to object to in any state: ${size}, ${colorScheme}`, async () => {
        const page = await open({ viewport, colorScheme, reducedMotion: 'reduce' });
        await look(page, 'empty');
        await askFor(page, await sample(1));
        await look(page, 'answered');
        await enrolFace(page, 0, 'Ada Lovelace');
        await look(page, 'enrolled');
        await page.locator('button.face').nth(1).focus();
        await page.keyboard.press('Enter');
        await look(page, 'form');
        await page.keyboard.press('Escape');
        await goTo(page, 'People');
        await page.locator('.person-row').click();
        await page.locator('.template-row').click();
        await look(page, 'person');
        await page.getByRole('button', { name: 'Merge with…' }).click();
        await look(page, 'nobody to merge with');
        await page.keyboard.press('Escape');
        await page.locator('.danger-zone').getByRole('button', { name: 'Erase' }).click();
        await look(page, 'question');
        await page.getByRole('dialog').getByRole('button', { name: 'Erase' }).click();
        await page.getByRole('dialog', { name: 'Erased' }).waitFor();
        await look(page, 'receipt');
        await page.keyboard.press('Escape');
        await look(page, 'nobody');
        await goTo(page, 'Review');
        await page.locator('.review-form').first().waitFor();
        await look(page, 'review');
        await goTo(page, 'Compare');
        await look(page, 'nothing to compare');
        for (const side of [0, 1]) {
          const photo = { name: 'a', mimeType: 'image/jpeg', buffer: await sample(side + 1) };
          await page.locator('.pair-side').nth(side).locator('input').setInputFiles(photo);
        }
        await page.locator('.verdict-word').waitFor();
        await look(page, 'compared');
        await goTo(page, 'Galleries');
        await page.locator('.gallery-card').waitFor();
        await look(page, 'galleries');
        await goTo(page, 'Models');
        await page.locator('.model-card').first().waitFor();
        await look(page, 'models');
        await page.getByRole('button', { name: 'API key' }).click();
        await look(page, 'key');
        await page.keyboard.press('Escape');
        await goTo(page, 'Recognise');
        await askFor(page, Buffer.from('no photo'));
        await look(page, 'refused');
      });
    }
  }

  it('tells where it is: the page’s heading has the focus, its link is the current one', async () => {
    const page = await open();
    await goTo(page, 'Compare');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Compare');
    await expect.poll(() => page.locator('[aria-current="page"]').textContent()).toBe('Compare');
    await page.goBack();
    await page.getByRole('heading', { name: 'Recognise', level: 1 }).waitFor();
  });

  it('moves nothing where people want no motion', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    const duration = await page
      .locator('.progress-bar')
      .first()
      .evaluate(bar => getComputedStyle(bar, '::after').animationDuration);
    expect(Number.parseFloat(duration)).toBeLessThan(0.001);
  });
});

/** Holds a state to WCAG as axe checks it, to the width of the screen, and to targets that a thumb can hit. */
async function look(page: Page, state: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    // Stricter below; axe counts what a scrolled page has beneath its bars as small.
    .disableRules(['target-size'])
    .analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    state,
  ).toEqual([]);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow, `${state}: wider than the screen`).toBeLessThanOrEqual(0);
  const small = await page
    .locator('button:visible, select:visible, input[type=text]:visible, nav a:visible')
    .evaluateAll(all =>
      all
        // Faces are as small as they are: the list beside the photo has a large row for each. Links within a sentence are exempt.
        .filter(one => !one.matches('.face, .link'))
        .filter(one => one.getBoundingClientRect().height < 43.5 || one.getBoundingClientRect().width < 43.5)
        .map(one => one.outerHTML),
    );
  expect(small, `${state}: small targets`).toEqual([]);
}
