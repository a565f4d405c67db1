import type { FaceFinder } from '../../detector/face-finder.ts';
import { measureQuality } from '../../face_id_api/core/measure-quality.ts';
import { type CropName, cropSpecs } from '../../triton/core/crop-spec.ts';
import { median } from './median.ts';

export type MeasureTime = { readonly crop: CropName; readonly faces: number; readonly ms: number };

const rounds = 200;

/** What measuring a face takes, by the crop that it is measured on: the median of a face in many rounds over the photos' faces. */
export async function timeMeasures(photos: readonly Buffer[], finder: FaceFinder): Promise<MeasureTime[]> {
  const { signal } = new AbortController();
  const times: MeasureTime[] = [];
  for (const crop of ['arcface_112', 'dlib_150', 'box_160'] as const) {
    const spec = cropSpecs[crop];
    const found = await Promise.all(photos.map(photo => finder.find(photo, { crop }, { signal })));
    const faces = found.flatMap(({ faces, crops, image }) =>
      faces.map((face, i) => {
        const bytes = 3 * spec.size * spec.size;
        return { face, crop: { pixels: crops!.subarray(i * bytes, (i + 1) * bytes), spec, photo: image } };
      }),
    );
    const measured: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const begun = performance.now();
      for (const { face, crop } of faces) measureQuality(face, crop);
      measured.push((performance.now() - begun) / faces.length);
    }
    times.push({ crop, faces: faces.length, ms: median(measured) });
  }
  return times;
}
