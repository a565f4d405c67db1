import type { FaceFinder, FindRequest, FoundFaces } from '../../../detector/face-finder.ts';
import { cropSpecs } from '../../../triton/core/crop-spec.ts';
import { face } from '../../unit/detector/sample-face.ts';

export type FakeFaceFinder = FaceFinder & {
  /** What it was asked, in order. */
  readonly asked: { readonly image: Buffer; readonly request: FindRequest }[];
};

/** Finds the same two faces in anything, or does what `answer` says. */
export function createFakeFaceFinder(
  answer?: (signal: AbortSignal) => Promise<FoundFaces>,
  ready: FaceFinder['ready'] = async () => ({ ok: true, detector: 'mtcnn' }),
): FakeFaceFinder {
  const asked: { image: Buffer; request: FindRequest }[] = [];
  return {
    asked,
    async find(imageBytes, request, { signal }) {
      asked.push({ image: Buffer.from(imageBytes), request });
      if (answer) return answer(signal);
      const faces = [face([10, 10, 60, 80], 0.99), face([70, 20, 100, 60], 0.95)];
      const size = request.crop && cropSpecs[request.crop].size;
      const crops = size ? new Uint8Array(faces.length * 3 * size * size).fill(7) : null;
      return { image: { width: 120, height: 90 }, detector: 'mtcnn', faces, crops };
    },
    ready,
    async close() {},
  };
}
