import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** A page and what it did that it must not. */
export type WatchedPage = {
  readonly page: Page;
  /** Violations of the content security policy, requests to elsewhere, uncaught errors. */
  readonly faults: string[];
};

export type OpenPage = (options?: BrowserContextOptions) => Promise<WatchedPage>;

/** Waits are for conditions; this only bounds them, on a machine that others use too. */
const patienceMs = 60_000;

/**
 * Opens Chromium on the console at `url`. Each page has a context, and so a session, of its own.
 * @param command the browser's executable
 */
export async function openBrowser(
  command: string,
  url: string,
): Promise<{ readonly browser: Browser; readonly openPage: OpenPage }> {
  const browser = await chromium.launch({
    executablePath: command,
    args: [
      '--no-sandbox',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--force-color-profile=srgb',
      '--font-render-hinting=none',
    ],
  });
  const openPage: OpenPage = async (options = {}) => {
    const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 860 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    const faults: string[] = [];
    page.on('pageerror', error => faults.push(`error: ${error.message}`));
    page.on('console', message => {
      if (/Content Security Policy|violates/.test(message.text())) faults.push(message.text());
    });
    page.on('request', request => {
      const address = new URL(request.url());
      const isLocal = address.protocol === 'blob:' || address.protocol === 'data:';
      if (!isLocal && address.origin !== new URL(url).origin) faults.push(`request to ${address.origin}`);
    });
    // A module that does not arrive leaves a page that does nothing.
    page.on('requestfailed', request => {
      if (request.resourceType() === 'script') faults.push(`${request.url()}: ${request.failure()?.errorText}`);
    });
    await page.goto('/');
    await page.locator('[aria-current="page"]').first().waitFor();
    return { page, faults };
  };
  return { browser, openPage };
}
