import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const photosDir = fileURLToPath(new URL('../../../../shared/photos', import.meta.url));
const referenceFile = path.join(photosDir, 'reference/mtcnn.json');

/** Why there is nothing to compare with; null when there is. */
export const missingPhotos = existsSync(referenceFile) ? null : 'skipped: ../shared/photos/reference is not here';

const pair = z.tuple([z.number(), z.number()]);
const referencePhoto = z.object({
  photo: z.string(),
  width: z.number(),
  height: z.number(),
  faces: z.array(
    z.object({
      box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      probability: z.number(),
      landmarks: z.array(pair).length(5),
    }),
  ),
});

/** What facenet-pytorch's MTCNN finds in one photo at full resolution with min face 20. */
export type ReferencePhoto = z.infer<typeof referencePhoto> & { readonly bytes: () => Uint8Array };

export function readReference(): ReferencePhoto[] {
  const { photos } = z
    .object({ photos: z.array(referencePhoto) })
    .parse(JSON.parse(readFileSync(referenceFile, 'utf8')));
  return photos.map(photo => ({ ...photo, bytes: () => readFileSync(pathOf(photo.photo)) }));
}

function pathOf(photo: string): string {
  if (!photo.startsWith('npm:')) return path.join(photosDir, photo);
  const [scope, name, ...rest] = photo.slice('npm:'.length).split('/');
  const manifest = createRequire(import.meta.url).resolve(`${scope}/${name}/package.json`);
  return path.join(path.dirname(manifest), ...rest);
}
