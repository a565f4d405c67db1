import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Client } from '../end_to_end/product.ts';
import { describeConsole } from './describe-console.ts';
import { askFor, enrolFace, goTo, sample } from './use-console.ts';

describeConsole('people in the console', ({ open, product }) => {
  it('are found by name and id, and browsed page by page', async () => {
    await enrolMany(product(), 60);
    const page = await openPeople(open);
    await expect.poll(() => page.locator('.person-row').count()).toBe(50);
    await page.getByRole('button', { name: 'Show more' }).click();
    await expect.poll(() => page.locator('.person-row').count()).toBe(60);
    const search = page.getByRole('searchbox', { name: 'Search by name or id' });
    await search.fill('person 7');
    await expect.poll(() => page.locator('.person-row').allTextContents()).toHaveLength(1);
    await search.fill('p.31');
    await expect.poll(() => page.locator('.person-row .person-id').allTextContents()).toEqual(['p.31']);
    await search.fill('nobody like that');
    await page.getByRole('heading', { name: 'Nobody is found' }).waitFor();
  });

  it('are renamed and described, with the types of what is described', async () => {
    await enrolAs(product(), 'ada', { name: 'Ada', metadata: { floor: 2, badge: true } });
    const page = await openPeople(open);
    await page.locator('.person-row').click();
    const form = page.getByRole('form', { name: 'Name and metadata' });
    await form.getByLabel('Name', { exact: true }).fill('Ada Lovelace');
    await form.getByLabel('Value of floor').fill('3');
    await form.getByRole('button', { name: 'Remove badge' }).click();
    await form.getByRole('button', { name: 'Metadata' }).click();
    await form.getByLabel('Key').last().fill('team');
    await form.getByLabel('Value', { exact: true }).fill('engines');
    await form.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => page.locator('.person-row').textContent()).toMatch(/Ada Lovelace/);
    const { body } = await product().call('GET', '/identities/ada');
    expect(body).toMatchObject({ name: 'Ada Lovelace', metadata: { floor: 3, team: 'engines' } });
    expect(body.metadata).not.toHaveProperty('badge');
  });

  it('have what they have agreed to written down, and withdrawn', async () => {
    await enrolAs(product(), 'ada', { name: 'Ada' });
    const page = await openPeople(open);
    await page.locator('.person-row').click();
    const form = page.getByRole('form', { name: 'Name and metadata' });
    await form.getByText('Consent: none written down').click();
    await form.getByLabel('What for').fill('door of house 3');
    await form.getByLabel('Given on').fill('2026-01-31');
    await form.getByLabel('Until').fill('2100-01-31');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Consent: door of house 3, until Jan 31, 2100').waitFor();
    const consent = {
      purpose: 'door of house 3',
      given: '2026-01-31T00:00:00.000Z',
      expires: '2100-01-31T00:00:00.000Z',
    };
    expect((await product().call('GET', '/identities/ada')).body).toMatchObject({ consent });
    await form.getByRole('button', { name: 'Withdraw the consent' }).click();
    await form.getByText(/^Consent: door of house 3, ended /).waitFor();
    await expect.poll(() => form.getByRole('button', { name: 'Withdraw the consent' }).count()).toBe(0);
    const { body } = await product().call('GET', '/identities/ada');
    expect(Date.parse((body.consent as { expires: string }).expires)).toBeLessThanOrEqual(Date.now());
  });

  it('are merged, and a template is given to whom it belongs or split off', async () => {
    for (const id of ['ada', 'grace', 'eve']) await enrolAs(product(), id, { name: id });
    const page = await openPeople(open);
    await page.locator('.person-row', { hasText: 'ada' }).click();
    await page.getByRole('button', { name: 'Merge with…' }).click();
    await page.locator('.pick', { hasText: 'grace' }).click();
    await page.getByRole('button', { name: 'The other way round' }).click();
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    await expect.poll(() => names(page)).toEqual(['eve', 'grace']);
    await expect.poll(() => page.locator('.template-row').count()).toBe(2);

    await page.locator('.template-row').first().click();
    await page.getByRole('button', { name: 'Move to…' }).click();
    await page.locator('.pick', { hasText: 'eve' }).click();
    await expect.poll(() => page.locator('.template-row').count()).toBe(1);
    expect((await product().call('GET', '/identities/eve')).body).toMatchObject({ templates: 2 });

    await page.locator('.template-row').first().click();
    await page.getByRole('button', { name: 'Split off…' }).click();
    const id = page.getByLabel('Id of the new person');
    await id.fill('not an id');
    await page.keyboard.press('Enter');
    await expect.poll(() => id.getAttribute('aria-invalid')).toBe('true');
    await id.fill('77');
    await page.keyboard.press('Enter');
    await expect.poll(() => names(page)).toEqual(['77', 'eve', 'grace']);
    expect((await product().call('GET', '/identities/77?type=integer')).body).toMatchObject({ id: 77, templates: 1 });
  });

  it('are erased after a question, with a receipt that can be kept', async () => {
    const page = await open();
    await askFor(page, await sample(1));
    await enrolFace(page, 0, 'Ada Lovelace');
    await goTo(page, 'People');
    await page.locator('.person-row').click();
    // Seen in this session only.
    await expect.poll(() => page.locator('.person-head img.avatar').count()).toBe(1);
    await page.getByRole('button', { name: 'Erase', exact: true }).last().click();
    const question = page.getByRole('dialog', { name: 'Erase this person?' });
    expect(
      await question.getByRole('button', { name: 'Cancel' }).evaluate(button => button === document.activeElement),
    ).toBe(true);
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    await expect.poll(() => names(page)).toEqual(['ada-lovelace']);
    await page.getByRole('button', { name: 'Erase', exact: true }).last().click();
    await question.getByRole('button', { name: 'Erase' }).click();
    const receipt = page.getByRole('dialog', { name: 'Erased' });
    await receipt.waitFor();
    await expect.poll(() => receipt.textContent()).toMatch(/1 person, 1 template.*[0-9a-f]{64}.*database1 template/);
    const saved = page.waitForEvent('download');
    await receipt.getByRole('link', { name: 'Save as JSON' }).click();
    expect((await saved).suggestedFilename()).toMatch(/^erasure-.*\.json$/);
    await receipt.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('heading', { name: 'Nobody is enrolled here yet' }).waitFor();
    expect((await product().call('GET', '/identities')).body).toMatchObject({ identities: [] });
  });

  it('with names that look like HTML, are long or are written from the right stay text in their place', async () => {
    const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    const [long, arabic] = [`${'x'.repeat(120)}.id`, 'مريم ميرزاخاني'];
    await enrolAs(product(), 'hostile', { name: hostile, metadata: { note: '"><svg onload=alert(1)>' } });
    await enrolAs(product(), long, { name: 'W'.repeat(256) });
    await enrolAs(product(), 'maryam', { name: arabic });
    const page = await openPeople(open, { viewport: { width: 360, height: 740 } });
    await expect.poll(() => page.locator('.person-row').count()).toBe(3);
    await expect.poll(() => page.locator('.person-row', { hasText: 'hostile' }).textContent()).toContain(hostile);
    expect(
      await page
        .locator('.person-row', { hasText: 'maryam' })
        .locator('bdi')
        .first()
        .evaluate(name => getComputedStyle(name).direction),
    ).toBe('rtl');
    for (const row of await page.locator('.person-row').all()) {
      await row.click();
      await page.locator('.person-title').waitFor();
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
      await page.getByRole('button', { name: 'Close the person' }).click();
    }
    await expect.poll(() => page.locator('main img[src="x"], main script, main svg[onload]').count()).toBe(0);
    expect(await page.title()).toBe('People · face-id');
  });
});

async function openPeople(
  open: (options?: { viewport: { width: number; height: number } }) => Promise<Page>,
  options?: { viewport: { width: number; height: number } },
): Promise<Page> {
  const page = await open(options);
  await goTo(page, 'People');
  await page.locator('.person-row').first().waitFor();
  return page;
}

const names = (page: Page): Promise<string[]> => page.locator('.person-row .person-id').allTextContents();

type Fields = { name?: string; metadata?: Record<string, string | number | boolean> };

/** Somebody with a template of chance, which no face comes near. */
async function enrolAs(client: Client, id: string, fields: Fields): Promise<void> {
  const { body } = await client.call('GET', '/galleries/default');
  const { fingerprint, dimension } = body.model as { fingerprint: string; dimension: number };
  const embeddings = [Array.from({ length: dimension }, (_, i) => Math.sin((i + 1) * (id.length + id.charCodeAt(0))))];
  const { status } = await client.call('PUT', `/identities/${id}`, { embeddings, fingerprint, ...fields });
  expect(status).toBe(200);
}

async function enrolMany(client: Client, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await enrolAs(client, `p.${i}`, { name: i === 7 ? 'Person 7' : `Somebody ${i}` });
}
