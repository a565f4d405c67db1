import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeConsole } from './describe-console.ts';
import { askFor, choosePhoto, decisions, enrolFace, goTo, sample } from './use-console.ts';

const problem = (status: number, code: string, headers: Record<string, string> = {}) => ({
  status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: JSON.stringify({
    type: `urn:face-id:error:${code}`,
    title: code,
    status,
    code,
    detail: `the detail of ${code}`,
    request_id: 'b7c1-42',
  }),
});

describeConsole('the console in trouble', ({ open }) => {
  it('says what happened and what to do, and offers what may help', async () => {
    const page = await open();
    await askFor(page, Buffer.from('no photo'));
    const error = page.getByRole('alert');
    await expect.poll(() => error.textContent()).toMatch(/This is no photo that can be read.*Save it as one of these/);
    await expect.poll(() => error.getByRole('button').count()).toBe(0);
    await page.route('**/infer*', route => route.fulfill(problem(500, 'INTERNAL')));
    await askFor(page, await sample(1));
    await expect.poll(() => error.textContent()).toMatch(/The service failed.*b7c1-42/);
    await page.unroute('**/infer*');
    await error.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => decisions(page)).toHaveLength(3);
    await page.route('**/infer*', route => route.fulfill(problem(418, 'TEAPOT')));
    await askFor(page, await sample(1));
    await expect.poll(() => error.textContent()).toMatch(/418 and the code TEAPOT/);
  });

  it('waits as long as the service asks for', async () => {
    const page = await open();
    await page.route('**/infer*', route => route.fulfill(problem(429, 'RATE_LIMITED', { 'retry-after': '2' })));
    await askFor(page, await sample(1));
    const again = page.getByRole('alert').getByRole('button');
    await expect.poll(() => again.isDisabled()).toBe(true);
    await page.unroute('**/infer*');
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    await expect.poll(() => decisions(page)).toHaveLength(3);
  });

  it('asks for a key where the service wants one, and keeps it in the tab only', async () => {
    const page = await open();
    await wantKey(page, 'the right key');
    await goTo(page, 'People');
    const dialog = page.getByRole('dialog', { name: 'API key' });
    await expect.poll(() => dialog.textContent()).toMatch(/The service asks for a key/);
    await dialog.getByLabel('Key').fill('a wrong key');
    await page.keyboard.press('Enter');
    await page.getByText('does not take the key that was given').waitFor();
    await dialog.getByLabel('Key').fill('the right key');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Nobody is enrolled here yet' }).waitFor();
    const kept = await page.evaluate(() => [
      Object.values(sessionStorage),
      Object.keys(localStorage),
      document.cookie,
      location.href,
    ]);
    expect(kept).toEqual([['the right key'], [], '', expect.not.stringContaining('right')]);
    await page.reload();
    await page.getByRole('heading', { name: 'Nobody is enrolled here yet' }).waitFor();
    await page.getByRole('button', { name: 'API key, in use' }).click();
    await page.getByRole('button', { name: 'Forget the key' }).click();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it('can be left without a key, and says then that one is wanted', async () => {
    const page = await open();
    await wantKey(page, 'the right key');
    await choosePhoto(page, await sample(1));
    await page.getByRole('dialog', { name: 'API key' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('alert').getByText('The service wants a key').waitFor();
  });

  it('switches off what the key may not do, until there is another one', async () => {
    const page = await open();
    await askFor(page, await sample(1));
    await enrolFace(page, 0, 'Ada');
    await page.route('**/identities/*', route =>
      route.request().method() === 'DELETE' ? route.fulfill(problem(403, 'FORBIDDEN')) : route.continue(),
    );
    await goTo(page, 'People');
    await page.locator('.person-row').click();
    const erase = page.locator('.danger-zone').getByRole('button', { name: 'Erase' });
    await erase.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Erase' }).click();
    await page.getByRole('dialog').getByText('This key may not do that').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('The key lacks the scope erase.').waitFor();
    await expect.poll(() => erase.isDisabled()).toBe(true);
    await expect
      .poll(() => page.locator('.danger-zone').getByRole('button', { name: 'Merge' }).isDisabled())
      .toBe(false);
    await page.getByRole('button', { name: 'Use another key' }).click();
    await page.getByRole('dialog', { name: 'API key' }).getByLabel('Key').fill('another');
    await page.keyboard.press('Enter');
    await expect.poll(() => erase.isDisabled()).toBe(false);
  });

  it('says what is missing while the service is not ready, and that it is gone', async () => {
    const page = await open();
    await expect.poll(() => page.locator('#health').textContent()).toBe('Ready');
    const checks = {
      detector: { state: 'ok' },
      embedder: { state: 'missing', reason: 'Triton does not answer' },
      store: { state: 'ok' },
      decision: { state: 'ok' },
    };
    await page.route('**/readyz', route => route.fulfill({ status: 503, json: { status: 'not_ready', checks } }));
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await page.getByText('The service is not ready.').waitFor();
    await expect.poll(() => page.locator('#banner').textContent()).toMatch(/embedder: Triton does not answer/);
    await page.unroute('**/readyz');
    await page.context().setOffline(true);
    await page.locator('#banner').getByText('The service does not answer.').waitFor();
    await goTo(page, 'People');
    await page.getByRole('alert').getByText('The service does not answer').waitFor();
    await page.context().setOffline(false);
    await page.locator('#banner').waitFor({ state: 'hidden' });
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Nobody is enrolled here yet' }).waitFor();
  });
});

/** The service as one that wants a key: what comes without it is answered as the service answers. */
async function wantKey(page: Page, key: string): Promise<void> {
  await page.route(/:\d+\/(infer|identities|galleries|models)/, route =>
    route.request().headers()['x-api-key'] === key
      ? route.continue()
      : route.fulfill(problem(401, 'UNAUTHENTICATED', { 'www-authenticate': 'Bearer realm="face-id"' })),
  );
}
