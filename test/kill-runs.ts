import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** How often a process is killed. */
    killRuns: number;
  }
}

/** How often each kill -9 test kills: 20, or what `npm run test:kill -- --runs N` says. */
export const killRuns = inject('killRuns');
