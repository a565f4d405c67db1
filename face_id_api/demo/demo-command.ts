import path from 'node:path';
import { Command } from 'commander';
import { withExamples } from '../cli/with-examples.ts';

export type DemoCommandDeps = {
  /** Runs work on an API over an empty gallery, at its base URL and with a key to it. */
  readonly withApi: (work: (apiUrl: string, apiKey: string) => Promise<void>) => Promise<void>;
  /** `data/demo.json`. */
  readonly labels: string;
  readonly print: (line: string) => void;
  readonly setExitCode: (code: number) => void;
};

/** `demo`: the main job on six sample photos, and pictures of it. */
export function createDemoCommand({ withApi, labels, print, setExitCode }: DemoCommandDeps): Command {
  return withExamples(
    new Command('demo')
      .description('ask, enrol and ask again on six sample photos; writes annotated pictures')
      .option('--out <dir>', 'folder for the pictures', 'demo_out'),
    ['demo --out demo_out'],
  ).action(async ({ out }: { out: string }) => {
    const [{ runDemo }, { resolveInstalledPackage }] = await Promise.all([
      import('./run-demo.ts'),
      import('../../triton/build/sources/fetch-from-npm.ts'),
    ]);
    const photoDir = path.join(resolveInstalledPackage('@vladmandic/face-api'), 'demo');
    await withApi(async (apiUrl, apiKey) => {
      const { wrong } = await runDemo({ apiUrl, apiKey, labels, photoDir, outDir: path.resolve(out), print });
      if (wrong > 0) setExitCode(1);
    });
  });
}
