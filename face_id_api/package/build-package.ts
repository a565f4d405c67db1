// npm run build:packages: the service and its command line as an npm package, in dist/face-id.
import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { compileProject } from './compile-project.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** What is read where it lies beside the code: pages, styles, pictures, measured data. */
const assets = '{data,detector,face_id_api,triton}/**/*.{html,css,js,mjs,svg,png,ico,json,webmanifest,woff2,txt}';
/** What is no part of the running product, or is made where it runs. */
const leftOut = /(^|\/)(package|examples|models|node_modules)(\/|$)|tsconfig\.json$/;
const packageName = /((?:@[\w-]+\/)?[\w-][\w.-]*(?:\/[\w./-]+)?)/.source;
/** `from 'zod'`, `import('pino')`, `require('sharp')`, `createRequire(import.meta.url).resolve('fonts/a.ttf')`: neither a path nor `node:`. */
const imports = /\bfrom|\bimport|\b(?:require|createRequire\(import\.meta\.url\))(?:\.resolve)?/.source;
const bareImport = new RegExp(`(?:${imports})\\s*\\(?\\s*['"]${packageName}['"]`, 'g');
/** Where weights and sample photos come from: named by the registry of models. */
const resolved = ['@vladmandic/face-api'];

/**
 * Compiles everything that `main.ts` needs, workers included, and lays the data that is read at run time beside it; package.json names
 * the packages that the compiled code imports and no others.
 * @param directory is emptied first
 */
export async function buildPackage(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(path.join(directory, 'bin'), { recursive: true });
  const lib = path.join(directory, 'lib');
  await compileProject(path.join(import.meta.dirname, 'tsconfig.json'), lib);
  const imported = await finishCode(lib);
  for await (const file of glob(assets, { cwd: root, exclude: name => leftOut.test(name) })) {
    if (!leftOut.test(file)) await cp(path.join(root, file), path.join(lib, file));
  }
  for (const file of ['LICENSE', 'config.yaml']) await cp(path.join(root, file), path.join(directory, file));
  await cp(path.join(import.meta.dirname, 'README.md'), path.join(directory, 'README.md'));
  await cp(path.join(import.meta.dirname, 'face-id.js'), path.join(directory, 'bin/face-id.js'));
  const ours = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  // The code reads its version here; the compiler would lay our own package.json there.
  const { version, type } = ours;
  await writeFile(path.join(lib, 'package.json'), `${JSON.stringify({ version, type })}\n`);
  await writeFile(path.join(directory, 'package.json'), `${JSON.stringify(manifest(ours, imported), null, 2)}\n`);
}

/** Makes the compiled files speak of themselves, and names the packages that they import. */
async function finishCode(lib: string): Promise<Set<string>> {
  const imported = new Set(resolved);
  for await (const file of glob('**/*.js', { cwd: lib })) {
    const code = await readFile(path.join(lib, file), 'utf8');
    for (const [, name = ''] of code.matchAll(bareImport)) imported.add(packageOf(name));
    await writeFile(path.join(lib, file), asPackage(code));
  }
  return imported;
}

/** Workers are named by URL, which the compiler leaves alone; and what a checkout does by npm's scripts, the package does itself. */
function asPackage(code: string): string {
  return code
    .replaceAll(/(new URL\((['"])\.[^'"]*)\.ts(\2, import\.meta\.url\))/g, '$1.js$3')
    .replaceAll(/npm run (models|gallery|demo|eval|keys)\b( --)?/g, 'face-id $1')
    .replaceAll(/npm start --/g, 'face-id serve');
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

type Manifest = {
  readonly version: string;
  readonly description: string;
  readonly dependencies: Readonly<Record<string, string>>;
};

function manifest({ version, description, dependencies }: Manifest, imported: ReadonlySet<string>): object {
  const unknown = [...imported].filter(name => dependencies[name] === undefined);
  if (unknown.length > 0) throw new Error(`package.json: expected the dependencies ${unknown.join(', ')}`);
  return {
    name: 'face-id',
    version,
    description,
    keywords: ['face-recognition', 'face-identification', 'triton', 'mtcnn', 'self-hosted'],
    license: 'Apache-2.0',
    type: 'module',
    // Disposable stacks and SQLite without a flag.
    engines: { node: '>=24' },
    bin: { 'face-id': './bin/face-id.js' },
    exports: { './package.json': './package.json' },
    files: ['bin', 'lib', 'config.yaml'],
    dependencies: Object.fromEntries(Object.entries(dependencies).filter(([name]) => imported.has(name))),
  };
}

if (import.meta.main) await buildPackage(path.join(root, 'dist/face-id'));
