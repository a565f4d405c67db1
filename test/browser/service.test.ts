import { expect, it } from 'vitest';
import { describeConsole } from './describe-console.ts';
import { goTo, sample } from './use-console.ts';

describeConsole('the rest of the console', ({ open, product }) => {
  it('compares two photos and decides again by the threshold', async () => {
    const page = await open();
    await goTo(page, 'Compare');
    const sides = page.locator('.pair-side');
    await sides
      .nth(0)
      .locator('input')
      .setInputFiles({ name: 'a', mimeType: 'image/jpeg', buffer: await sample(1) });
    await sides
      .nth(1)
      .locator('input')
      .setInputFiles({ name: 'b', mimeType: 'image/jpeg', buffer: await sample(1) });
    await page.locator('.verdict-word', { hasText: 'The same person' }).waitFor();
    await expect.poll(() => page.locator('.compare .face.is-match').count()).toBe(2);
    await expect.poll(() => page.locator('#live').textContent()).toBe('match, score 1.000');
    await sides.nth(1).getByRole('button', { name: 'Another one' }).click();
    await sides
      .nth(1)
      .locator('input')
      .setInputFiles({ name: 'b', mimeType: 'image/jpeg', buffer: await sample(2) });
    await page.locator('.verdict-word', { hasText: 'Not the same' }).waitFor();
    const slider = page.locator('.compare').getByRole('slider', { name: 'Threshold' });
    await slider.focus();
    await page.keyboard.press('Home');
    await page.locator('.verdict-word', { hasText: 'The same person' }).waitFor();
    await sides.nth(1).getByRole('button', { name: 'Another one' }).click();
    await sides
      .nth(1)
      .locator('input')
      .setInputFiles({ name: 'b', mimeType: 'image/jpeg', buffer: Buffer.from('x') });
    await page.getByRole('alert').getByText('This is no photo that can be read').waitFor();
  });

  it('makes, chooses and deletes galleries, after their name was typed', async () => {
    const page = await open();
    await goTo(page, 'Galleries');
    const name = page.getByLabel('New gallery', { exact: true }).getByRole('textbox');
    await name.fill('Not A Name');
    await page.getByRole('button', { name: 'Create' }).click();
    await expect.poll(() => name.getAttribute('aria-invalid')).toBe('true');
    await name.fill('staff');
    await page.getByRole('button', { name: 'Create' }).click();
    await expect.poll(() => page.locator('#gallery').inputValue()).toBe('staff');
    await expect.poll(() => page.locator('.gallery-card h2').allTextContents()).toEqual(['default', 'staff']);
    await page.getByRole('button', { name: 'Use default' }).click();
    await expect.poll(() => page.locator('#gallery').inputValue()).toBe('default');
    await page.getByRole('button', { name: 'Delete staff' }).click();
    const question = page.getByRole('dialog', { name: 'Delete staff?' });
    const go = question.getByRole('button', { name: 'Delete' });
    await expect.poll(() => go.isDisabled()).toBe(true);
    await question.getByRole('textbox').fill('staff');
    await go.click();
    const receipt = page.getByRole('dialog', { name: 'Erased' });
    await expect.poll(() => receipt.textContent()).toMatch(/gallery.*staff/);
    await receipt.getByRole('button', { name: 'Done' }).click();
    await expect.poll(() => page.locator('.gallery-card h2').allTextContents()).toEqual(['default']);
  });

  it('shows models with what was measured of them, and health', async () => {
    const page = await open();
    await goTo(page, 'Models');
    const { body } = await product().call('GET', '/models');
    const { models } = body as unknown as { models: { name: string; fingerprint: string }[] };
    await expect.poll(() => page.locator('.model-card h2').allTextContents()).toEqual(models.map(model => model.name));
    const text = await page.locator('.models').textContent();
    for (const { fingerprint } of models) expect(text).toContain(fingerprint);
    expect(text).toContain('too few errors in the data to say');
    await expect.poll(() => page.locator('.check-row.is-ok').count()).toBe(4);
    // What was measured behind the detector in use is open, the rest is folded.
    expect(await page.locator('.measured[open] summary').allTextContents()).toEqual([
      expect.stringContaining('ssd_mobilenetv1'),
    ]);
  });
});
