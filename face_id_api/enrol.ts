import type { IdentityPatch } from './core/identity-fields.ts';
import type { IdentityId } from './core/identity-id.ts';
import { mapConcurrently } from './core/map-concurrently.ts';
import type { IdentifyDeps } from './identify.ts';
import { defaultGallery, type NewTemplate } from './store/store.ts';
import { type MeasuredImage, type Refusal, type Taken, type TakeOptions, takeFace, type Warning } from './take-face.ts';

export type EnrolRequest = Pick<TakeOptions, 'faces' | 'gate' | 'quality'> & {
  /** The default one where none is named. */
  readonly gallery?: string;
  readonly id: IdentityId;
  /** Images in base64, with or without a data: URL's head. */
  readonly images: readonly string[];
  /** `replace` drops what the id had. */
  readonly mode: 'replace' | 'append';
  /** What else is to be known of the person; a change to what is known already. */
  readonly fields?: IdentityPatch;
};

export type EnrolOptions = { readonly maxImageBytes: number; readonly signal: AbortSignal };

export type Enrolled = {
  /** Images that became templates in this request. */
  readonly enrolled: number;
  /** Templates that the id has now; with none enrolled nothing changed and this is null. */
  readonly templates: number | null;
  readonly refused: readonly Refusal[];
  /** Images that were enrolled, or would have been, although they fall short. */
  readonly warnings: readonly Warning[];
  /** The images with a face, where they were measured. */
  readonly measured: readonly MeasuredImage[];
};

type TakenFace = NonNullable<Taken['face']>;

/** Images of one request that are looked at at once: the detector's own pool bounds the rest. */
const imagesAtOnce = 2;

/**
 * Enrols a person: one template per usable image, from its largest face. Images that are at fault are left out and named; a
 * failure that is not an image's (detector, Triton, store, deadline) rejects, and nothing is changed.
 */
export async function enrol(deps: IdentifyDeps, request: EnrolRequest, options: EnrolOptions): Promise<Enrolled> {
  const { embedder, store, metrics } = deps;
  const { gallery = defaultGallery, id, images, mode, fields = {} } = request;
  const { signal } = options;
  await embedder.describe({ signal });
  const taken = await mapConcurrently(images, { limit: imagesAtOnce, signal }, (image, index, signal) =>
    takeFace(deps, image, index, { ...request, ...options, signal }),
  );
  const outcome = {
    refused: taken.flatMap(({ refusal }) => refusal ?? []),
    warnings: taken.flatMap(({ warning }) => warning ?? []),
    measured: taken.flatMap(({ measured }) => measured ?? []),
  };
  metrics?.judged(outcome);
  const faces = taken.flatMap(({ face }) => face ?? []);
  if (faces.length === 0) return { enrolled: 0, templates: null, ...outcome };
  const embeddings = await embedder.embed(concatenate(faces), faces.length, { signal });
  const added = faces.map(
    ({ sourceSha256, detector }, i): NewTemplate => ({ vector: embeddings[i]!, sourceSha256, detector }),
  );
  signal.throwIfAborted();
  const { templates } = await store.gallery(gallery).put({ id, templates: added, mode, fields });
  return { enrolled: added.length, templates, ...outcome };
}

function concatenate(faces: readonly TakenFace[]): Uint8Array {
  const size = faces[0]?.crop.length ?? 0;
  const all = new Uint8Array(size * faces.length);
  for (const [i, { crop }] of faces.entries()) all.set(crop, i * size);
  return all;
}
