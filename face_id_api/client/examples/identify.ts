// Who is in a photo: node identify.ts group.jpg [URL]
import { createFaceIdClient } from 'face-id-client';
import { imageFile } from 'face-id-client/node';

const [photo = 'group.jpg', url = 'http://127.0.0.1:8004'] = process.argv.slice(2);
const faceId = createFaceIdClient({ url, apiKey: process.env.FACE_ID_API_KEY });

const { faces } = await faceId.infer(await imageFile(photo), { top_k: 3 });
for (const { id, decision, score, bounding_box } of faces) {
  console.log(`${id ?? decision}, score ${score?.toFixed(3) ?? 'none'}, at ${bounding_box.map(Math.round).join(', ')}`);
}
