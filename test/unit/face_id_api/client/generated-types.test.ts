import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { apiDocument } from '../../../sdk/api-document.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const read = (file: string): Promise<string> => readFile(path.join(root, file), 'utf8');

it("docs/openapi.json is today's document: npm run sdk writes it", async () => {
  expect(JSON.parse(await read('docs/openapi.json'))).toEqual(JSON.parse(await apiDocument()));
});

it("the SDK's types were made from docs/openapi.json", async () => {
  const sum = createHash('sha256')
    .update(await read('docs/openapi.json'))
    .digest('hex');
  expect(await read('face_id_api/client/gen/rest-api.ts')).toContain(`SHA-256 ${sum}`);
});
