// npm run sdk: docs/openapi.json from the app, and the SDK's types from that. openapi-typescript needs TypeScript 5 and we have 7, so
// both come from the registry for this one run.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { apiDocument } from './api-document.ts';

const root = path.resolve(import.meta.dirname, '../..');
const generator = ['-p', 'openapi-typescript@7.13.0', '-p', 'typescript@5.9.3', 'openapi-typescript'];

const document = await apiDocument();
await writeFile(path.join(root, 'docs/openapi.json'), document);
const folder = await mkdtemp(path.join(tmpdir(), 'face-id-sdk-'));
try {
  // In a folder of its own, so that npx resolves neither of the two here.
  const [source, target] = [path.join(folder, 'openapi.json'), path.join(folder, 'rest-api.ts')];
  await writeFile(source, document);
  await promisify(execFile)('npx', ['--yes', ...generator, source, '-o', target], { cwd: folder });
  const sum = createHash('sha256').update(document).digest('hex');
  const text = `// Made by npm run sdk from docs/openapi.json, SHA-256 ${sum}\n${await readFile(target, 'utf8')}`;
  await writeFile(path.join(root, 'face_id_api/client/gen/rest-api.ts'), text);
} finally {
  await rm(folder, { recursive: true });
}
