// npm run build:packages: the SDK of the REST API as an npm package, in dist/face-id-client.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { compileProject } from '../../package/compile-project.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const client = path.resolve(import.meta.dirname, '..');

/**
 * Compiles the SDK to JavaScript and declarations, and lays README, licence, examples and package.json beside them.
 * @param directory is emptied first
 */
export async function buildPackage(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await compileProject(path.join(import.meta.dirname, 'tsconfig.json'), path.join(directory, 'lib'));
  await cp(path.join(root, 'LICENSE'), path.join(directory, 'LICENSE'));
  await cp(path.join(client, 'README.md'), path.join(directory, 'README.md'));
  await cp(path.join(client, 'examples'), path.join(directory, 'examples'), { recursive: true });
  const ours = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  await writeFile(path.join(directory, 'package.json'), `${JSON.stringify(manifest(ours), null, 2)}\n`);
}

type Manifest = { readonly version: string; readonly dependencies: Readonly<Record<string, string>> };

function manifest({ version, dependencies }: Manifest): object {
  const entry = (name: string) => ({ types: `./lib/${name}.d.ts`, default: `./lib/${name}.js` });
  return {
    name: 'face-id-client',
    version,
    description: 'Typed client for the REST API of face-id, for Node, browsers and functions',
    keywords: ['face-recognition', 'face-identification', 'openapi', 'sdk'],
    license: 'Apache-2.0',
    type: 'module',
    engines: { node: '>=22' },
    exports: { '.': entry('index'), './node': entry('image-file'), './package.json': './package.json' },
    types: './lib/index.d.ts',
    files: ['lib', 'examples'],
    sideEffects: false,
    dependencies: { 'openapi-fetch': dependencies['openapi-fetch'] },
  };
}

if (import.meta.main) await buildPackage(path.join(root, 'dist/face-id-client'));
