import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');

/** Rooms from the ground up: a room imports itself and the rooms before it. */
const rooms = ['proto', 'triton', 'detector', 'face_id_api'];

const files = globSync(['*.ts', ...rooms.map(room => `${room}/**/*.ts`)], { cwd: root })
  .filter(file => !file.endsWith('.config.ts'))
  .sort();

/** What core/ may take from outside: nothing that touches the world. */
const pureModules = new Set<string>(['jstat']);

function importsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"\n]+)['"]/g)].map(match => match[1] ?? '');
  return specifiers.map(specifier =>
    specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : specifier,
  );
}

const roomOf = (file: string): string | undefined => rooms.find(room => file.startsWith(`${room}/`));

function violations(check: (file: string, imported: string) => boolean): string[] {
  return files.flatMap(file =>
    importsOf(file).flatMap(imported => (check(file, imported) ? [`${file} → ${imported}`] : [])),
  );
}

describe('the architecture', () => {
  it('has files to look at, in every room', () => {
    for (const room of rooms) expect(files.some(file => roomOf(file) === room)).toBe(true);
  });

  it('imports one way only: proto ← triton ← detector ← face_id_api ← main.ts', () => {
    const wrong = violations((file, imported) => {
      const from = roomOf(file);
      const to = roomOf(imported);
      const isOurs = to !== undefined || /^[\w-]+\.ts$/.test(imported);
      if (from === undefined || !isOurs) return false;
      return to === undefined || rooms.indexOf(to) > rooms.indexOf(from);
    });
    expect(wrong).toEqual([]);
  });

  it('keeps core/ pure: it imports only core/', () => {
    const isCore = (file: string): boolean => file.includes('/core/');
    expect(violations((file, imported) => isCore(file) && !isCore(imported) && !pureModules.has(imported))).toEqual([]);
  });

  it('keeps clock and randomness out of core/', () => {
    const wrong = files.filter(
      file =>
        file.includes('/core/') && /\b(Date\.now|new Date|Math\.random|performance\.|process\.)/.test(source(file)),
    );
    expect(wrong).toEqual([]);
  });

  it('reads the environment in main.ts only', () => {
    // Examples are programs of their own.
    const product = files.filter(file => !file.includes('/examples/'));
    expect(product.filter(file => /process\s*\.\s*env\b/.test(source(file)))).toEqual(['main.ts']);
  });

  it('touches each outside thing in the files named for it', () => {
    const allowed: Record<string, RegExp> = {
      sharp: /^detector\/(decode-image|degrade-photo|draw-faces|isolate-face)\.ts$/,
      'libheif-js/libheif-wasm/libheif.js': /^detector\/libheif-/,
      'onnxruntime-node': /^triton\/onnx-pool\//,
      '@grpc/grpc-js': /^triton\/(client|server)\/|^triton\/grpc-/,
      usearch: /^face_id_api\/store\/usearch-/,
      koffi: /^face_id_api\/store\/huge-pages\.ts$/,
      'prom-client': /\/prom-[\w-]+\.ts$/,
      'node:sqlite': /^face_id_api\/(store\/|audit\/audit-lock)|local-store/,
    };
    expect(violations((file, imported) => !(allowed[imported]?.test(file) ?? true))).toEqual([]);
  });

  it('lets the SDK run in a browser: nothing but itself and openapi-fetch', () => {
    const isSdk = (file: string): boolean => /^face_id_api\/client\/(gen\/)?[\w-]+\.ts$/.test(file);
    const wrong = violations(
      (file, imported) =>
        isSdk(file) && file !== 'face_id_api/client/image-file.ts' && !isSdk(imported) && imported !== 'openapi-fetch',
    );
    expect(files.filter(isSdk).length).toBeGreaterThan(10);
    expect(wrong).toEqual([]);
  });

  it('keeps every file short enough to read: at most 300 lines', () => {
    const long = files.filter(file => !file.includes('/gen/') && source(file).split('\n').length > 301);
    expect(long).toEqual([]);
  });
});

function source(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}
