import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Client } from '../end_to_end/product.ts';
import { describeConsole } from './describe-console.ts';
import { askFor, decisions, enrolFace, goTo, sample } from './use-console.ts';

describeConsole('what the console teaches', ({ open, product }) => {
  it('says of a face that it is not who was named, and asks again', async () => {
    const photo = await sample(1);
    await enrolLike(product(), 'ada', photo, 0.03);
    const page = await open();
    await askFor(page, photo);
    await expect.poll(() => decisions(page)).toContain('match');
    const index = (await decisions(page)).indexOf('match');
    await page.locator('.face-row').nth(index).click();
    const replied = page.waitForResponse(reply => reply.url().includes('/infer'));
    await page.getByRole('button', { name: 'Not ada' }).click();
    await (await replied).finished();
    await expect.poll(async () => (await decisions(page))[index]).toBe('unknown');
    await page.locator('.candidate', { hasText: 'said not to be them' }).first().waitFor();
    const { body } = await product().call('GET', '/identities/ada/rejections');
    expect(body.rejections).toHaveLength(1);
  });

  it('says what to do where the very face is enrolled', async () => {
    const page = await open();
    await askFor(page, await sample(1));
    // Its row stays open.
    await enrolFace(page, 0, 'Ada Lovelace');
    await page.getByRole('button', { name: 'Not Ada Lovelace' }).click();
    await page.getByRole('alert').getByText('This very face is enrolled as them').waitFor();
  });

  it('shows who may be enrolled twice, to be told apart or merged', async () => {
    const photo = await sample(1);
    for (const [id, noise] of [
      ['ada', 0],
      ['ada.2', 0.01],
      ['ada.3', 0.02],
    ] as const) {
      await enrolLike(product(), id, photo, noise);
    }
    const page = await open();
    await goTo(page, 'Review');
    const rows = page.locator('.review-row', { has: page.locator('.merge-pair') });
    await expect.poll(() => rows.count()).toBe(3);
    await rows.first().getByRole('button', { name: 'Two people' }).click();
    await expect.poll(() => rows.count()).toBe(2);
    await rows.first().getByRole('button', { name: 'Merge…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Merge', exact: true }).click();
    await expect.poll(() => rows.count()).toBe(0);
    await page.getByText('Nobody seems to be enrolled twice').waitFor();
    const { body } = await product().call('GET', '/identities');
    expect(body.identities).toHaveLength(2);
  });

  it('enrols a group of unknown faces, and erases another', async () => {
    const photo = await sample(1);
    for (let i = 0; i < 2; i++) await product().infer(photo);
    const page = await open();
    await goTo(page, 'Review');
    const forms = page.locator('.review-form');
    await expect.poll(() => forms.count()).toBeGreaterThan(1);
    const count = await forms.count();
    await forms.first().getByLabel('Name').fill('Eve');
    await forms.first().getByRole('button', { name: 'Enrol' }).click();
    await expect.poll(() => forms.count()).toBe(count - 1);
    expect((await product().call('GET', '/identities/eve')).body).toMatchObject({ name: 'Eve', templates: 2 });
    await forms.first().getByRole('button', { name: 'Erase' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Erase' }).click();
    await page.getByRole('dialog', { name: 'Erased' }).waitFor();
    await expect.poll(() => forms.count()).toBe(count - 2);
    await closeDialog(page);
  });
});

/** Somebody with the photo's largest face, turned a little away from it: `noise` is the length of what is added to its vector. */
async function enrolLike(client: Client, id: string, photo: Buffer, noise: number): Promise<void> {
  const { body } = await client.call('POST', '/embeddings', photo);
  const { embedding } = body.faces[0] as unknown as { embedding: number[] };
  const { fingerprint } = (await client.call('GET', '/galleries/default')).body.model as { fingerprint: string };
  const embeddings = [embedding.map((value, i) => value + (noise * Math.sin(i + 1)) / 8)];
  const { status } = await client.call('PUT', `/identities/${id}`, { embeddings, fingerprint });
  expect(status).toBe(200);
}

async function closeDialog(page: Page): Promise<void> {
  await page.getByRole('dialog', { name: 'Erased' }).getByRole('button', { name: 'Done' }).click();
}
