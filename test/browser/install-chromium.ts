import type { TestProject } from 'vitest/node';
import { type Chromium, ensureChromium } from './ensure-chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    chromium: Chromium;
  }
}

/** vitest's global setup. */
export default async function installChromium(project: TestProject): Promise<void> {
  project.provide('chromium', await ensureChromium());
}
