import { execFile } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedTriton, OpenTriton } from './open-triton.ts';

const run = promisify(execFile);
const compiler = path.join(path.dirname(fileURLToPath(import.meta.resolve('typescript/package.json'))), 'bin/tsc');

/** A folder of a user's that has the built package in its node_modules, and the Nodes to run it with. */
export type InstalledClient = {
  readonly directory: string;
  readonly nodes: readonly string[];
  remove(): Promise<void>;
};

/** What each example prints over the models of `fixture-repository.ts`, from its start. */
const expected: Readonly<Record<string, RegExp>> = {
  'infer.js': /^version 1 answered \[2,4\]: 11 22 33 44 55 66 77 88\n$/,
  'errors.js': new RegExp(
    [
      "^INVALID_ARGUMENT, request r-1: input 'A': expected shape \\[n,4\\], got \\[1,5\\]",
      "NOT_FOUND, request r-2: Request for unknown model: 'nope' is not found",
      'CANCELLED, request r-3: the call was cancelled by its signal\n$',
    ].join('\n'),
  ),
  'stream.js': /^request 1: 2,2,2,2\nrequest 2: 4,4,4,4\nrequest 3: 6,6,6,6\nan answer: 8,8,8,8\n$/,
  'inspect.js':
    /^triton \S+ is SERVING\nadd 1: READY \n(.*\n)*A: FP32 \[-1,4\]\nB: FP32 \[-1,4\]\nSUM: FP32 \[-1,4\]\nbatches of up to 16, \d+ inferences so far\n$/,
  'control.js': /^loaded, ready: true\nunloaded, ready: false\n$/,
};

/**
 * The package's examples as its user has them: checked strictly by TypeScript, compiled, and run by plain Node over a Triton.
 */
export function describeClientExamples(name: string, install: () => Promise<InstalledClient>, open: OpenTriton): void {
  describe(`the client's package, over ${name},`, () => {
    let client: InstalledClient;
    let server: OpenedTriton;

    beforeAll(async () => {
      [client, server] = await Promise.all([install(), open({ loadAtStart: ['*'] })]);
      const { directory } = client;
      await cp(
        path.join(directory, 'node_modules/triton-inference-client/examples'),
        path.join(directory, 'examples'),
        {
          recursive: true,
        },
      );
      const compilerOptions = {
        strict: true,
        module: 'nodenext',
        moduleResolution: 'nodenext',
        target: 'es2022',
        types: ['node'],
        // The package's own declarations are looked at too.
        skipLibCheck: false,
        rootDir: 'examples',
        outDir: 'out',
      };
      await writeFile(path.join(directory, 'package.json'), '{ "type": "module" }');
      await writeFile(
        path.join(directory, 'tsconfig.json'),
        JSON.stringify({ compilerOptions, include: ['examples'] }),
      );
    });

    afterAll(async () => {
      await server?.close();
      await client?.remove();
    });

    it('has examples that strict TypeScript finds nothing wrong with, and that print what they should', async () => {
      const { directory, nodes } = client;
      const problems = await run(process.execPath, [compiler, '-p', directory]).then(
        () => '',
        (error: { stdout: string }) => error.stdout,
      );
      expect(problems).toBe('');
      for (const node of nodes) {
        for (const [file, output] of Object.entries(expected)) {
          const { stdout } = await run(node, [path.join('out', file), server.address], {
            cwd: directory,
            timeout: 60_000,
          });
          expect(stdout, `${file} by ${node}`).toMatch(output);
        }
        // Unloaded by the last example.
        await run(node, ['-e', reload, server.address], { cwd: directory, timeout: 60_000 });
      }
    });
  });
}

const reload = `
  import { createTritonClient } from 'triton-inference-client';
  const client = createTritonClient({ address: process.argv[1] });
  await client.loadModel('add');
  await client.close();`;
