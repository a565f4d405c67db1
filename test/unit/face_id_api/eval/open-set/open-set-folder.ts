import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { brokenPhoto, noisyPhoto, toBytes } from '../../../../api/face_id_api/fake-deps.ts';
import { tempFolder } from '../../../triton/build/temp-folder.ts';

export const strangerCount = 120;

/**
 * A folder of fake photos: Ann on axis 4 and Bob on axis 2 of the fake embedder's space, strangers ever nearer to Bob. One of Ann's
 * photos shows nobody; the last stranger's cannot be read.
 */
export async function openSetFolder(changes: Readonly<Record<string, Buffer | null>> = {}): Promise<string> {
  const photos: Record<string, Buffer | null> = {};
  for (const [name, who] of [
    ['Ann', 4],
    ['Bob', 2],
  ] as const) {
    for (let i = 1; i <= 6; i++) photos[`${name}/${name}_000${i}.jpg`] = noisyPhoto(who, 4 * i);
  }
  photos['Ann/Ann_0006.jpg'] = toBytes({ faces: [] });
  for (let i = 0; i < strangerCount; i++) {
    const name = `Stranger_${String(i).padStart(3, '0')}`;
    photos[`${name}/${name}_0001.jpg`] = i < strangerCount - 1 ? noisyPhoto(1, i) : brokenPhoto('UNREADABLE');
  }
  // Only one photo of a stranger counts.
  photos['Stranger_000/Stranger_000_0002.jpg'] = noisyPhoto(2, 0);
  const data = await tempFolder();
  for (const [photo, bytes] of Object.entries({ ...photos, ...changes })) {
    if (bytes === null) continue;
    await mkdir(path.dirname(path.join(data, 'images', photo)), { recursive: true });
    await writeFile(path.join(data, 'images', photo), bytes);
  }
  await writeFile(path.join(data, 'gallery.txt'), 'Ann\nBob\n');
  return data;
}
