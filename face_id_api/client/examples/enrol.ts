// Enrols a person and asks again: node enrol.ts ID PHOTO... [--url URL]
import { parseArgs } from 'node:util';
import { createFaceIdClient, FaceIdError, refusalsOf } from 'face-id-client';
import { imageFile } from 'face-id-client/node';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { url: { type: 'string' } } });
const [id = 'ann', ...photos] = positionals;
const faceId = createFaceIdClient({
  url: values.url ?? 'http://127.0.0.1:8004',
  apiKey: process.env.FACE_ID_API_KEY,
});

try {
  const images = await Promise.all(photos.map(photo => imageFile(photo)));
  const { enrolled, templates } = await faceId.enrol(
    { id, images, metadata: { origin: 'example' } },
    { mode: 'append' },
  );
  console.log(`${id}: ${enrolled} of ${photos.length} photos enrolled, ${templates} templates in all`);
  const { faces } = await faceId.infer(images[0]!);
  console.log(`asked again: ${faces[0]?.id ?? faces[0]?.decision}`);
} catch (error) {
  if (!(error instanceof FaceIdError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  for (const { index, code } of refusalsOf(error)) console.error(`${photos[index]}: ${code}`);
  process.exitCode = 1;
}
