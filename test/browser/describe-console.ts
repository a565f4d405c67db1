import { rm } from 'node:fs/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Config } from '../../config.ts';
import { startProduct } from '../end_to_end/product.ts';
import { testConfig } from '../end_to_end/test-models.ts';
import { type OpenPage, openBrowser, type WatchedPage } from './open-browser.ts';

export type ConsoleTest = {
  /** The product behind the page. */
  readonly product: () => Awaited<ReturnType<typeof startProduct>>;
  /** A page of its own, with a session of its own; closed when the test ends, and held to what it must not do. */
  readonly open: (options?: BrowserContextOptions) => Promise<Page>;
};

/** Tests of the console in a real browser over the real product, which starts with nobody enrolled; skipped where no browser can be had. */
export function describeConsole(name: string, tests: (context: ConsoleTest) => void): void {
  const chromium = inject('chromium');
  if ('missing' in chromium) {
    describe(name, () => it.skip(`skipped: ${chromium.missing}`));
    return;
  }
  describe(name, () => {
    let config: Config;
    let product: Awaited<ReturnType<typeof startProduct>>;
    let browser: Browser;
    let openPage: OpenPage;
    let opened: WatchedPage[] = [];

    beforeAll(async () => {
      config = await testConfig({ unknowns: { keep: true } });
      product = await startProduct(config);
      ({ browser, openPage } = await openBrowser(chromium.command, product.apiUrl ?? ''));
    });
    afterEach(async () => {
      const faults = opened.flatMap(one => one.faults);
      await Promise.all(opened.map(({ page }) => page.context().close()));
      opened = [];
      await product.call('DELETE', '/identities?confirm=all');
      expect(faults).toEqual([]);
    });
    afterAll(async () => {
      await browser.close();
      await product.close();
      await rm(config.data_dir, { recursive: true });
    });

    tests({
      product: () => product,
      open: async options => {
        const watched = await openPage(options);
        opened.push(watched);
        return watched.page;
      },
    });
  });
}
