// Everybody who is enrolled, and the gallery as a file: node everybody.ts [URL]
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createFaceIdClient } from 'face-id-client';

const faceId = createFaceIdClient({
  url: process.argv[2] ?? 'http://127.0.0.1:8004',
  apiKey: process.env.FACE_ID_API_KEY,
});

for await (const { id, name, templates } of faceId.identities.list({ limit: 500 })) {
  console.log(`${id} ${name ?? ''} (${templates} templates)`);
}

let people = 0;
for await (const line of faceId.galleries.export('default')) if ('templates' in line) people += 1;
console.log(`${people} people in the archive`);

const bytes = Readable.from(await faceId.galleries.exportStream('default'));
await pipeline(bytes, createWriteStream('default.ndjson', { mode: 0o600 }));
