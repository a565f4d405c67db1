// npm run build:packages: the Triton client as an npm package, in dist/triton-inference-client.
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '../../..');
const compiler = path.join(path.dirname(fileURLToPath(import.meta.resolve('typescript/package.json'))), 'bin/tsc');

/**
 * Compiles the client and what it imports (`triton/core`, `proto/gen`) to JavaScript and declarations, because Node strips no
 * types inside node_modules, and lays README, licence, examples and package.json beside them.
 * @param directory is emptied first
 */
export async function buildPackage(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const project = path.join(import.meta.dirname, 'tsconfig.json');
  await promisify(execFile)(process.execPath, [compiler, '-p', project, '--outDir', path.join(directory, 'lib')]);
  await cp(path.join(root, 'LICENSE'), path.join(directory, 'LICENSE'));
  await cp(path.join(root, 'triton/client/README.md'), path.join(directory, 'README.md'));
  await cp(path.join(root, 'triton/client/examples'), path.join(directory, 'examples'), { recursive: true });
  const ours = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  await writeFile(path.join(directory, 'package.json'), `${JSON.stringify(manifest(ours), null, 2)}\n`);
}

type Manifest = { readonly version: string; readonly dependencies: Readonly<Record<string, string>> };

function manifest({ version, dependencies }: Manifest): object {
  const entry = './lib/triton/client/index';
  const needed = ['@bufbuild/protobuf', '@grpc/grpc-js'];
  return {
    name: 'triton-inference-client',
    version,
    description: "TypeScript client for NVIDIA Triton Inference Server's gRPC protocol (KServe v2)",
    keywords: ['triton', 'inference', 'kserve', 'grpc', 'nvidia', 'tensor'],
    license: 'Apache-2.0',
    type: 'module',
    engines: { node: '>=22' },
    exports: { '.': { types: `${entry}.d.ts`, default: `${entry}.js` }, './package.json': './package.json' },
    types: `${entry}.d.ts`,
    files: ['lib', 'examples'],
    sideEffects: false,
    dependencies: Object.fromEntries(needed.map(name => [name, dependencies[name]])),
  };
}

if (import.meta.main) await buildPackage(path.join(root, 'dist/triton-inference-client'));
