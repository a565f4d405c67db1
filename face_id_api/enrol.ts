import { createHash } from 'node:crypto';
import { type ErrorCode, ServiceError } from '../detector/errors.ts';
import { decodeBase64Image } from '../detector/http/decode-base64-image.ts';
import type { IdentityPatch } from './core/identity-fields.ts';
import type { IdentityId } from './core/identity-id.ts';
import { mapConcurrently } from './core/map-concurrently.ts';
import type { IdentifyDeps } from './identify.ts';
import { defaultGallery, type NewTemplate } from './store/store.ts';

export type EnrolRequest = {
  /** The default one where none is named. */
  readonly gallery?: string;
  readonly id: IdentityId;
  /** Images in base64, with or without a data: URL's head. */
  readonly images: readonly string[];
  /** `replace` drops what the id had. */
  readonly mode: 'replace' | 'append';
  /** `single` refuses an image with more than one face; `largest` takes its largest. */
  readonly faces: 'single' | 'largest';
  /** What else is to be known of the person; a change to what is known already. */
  readonly fields?: IdentityPatch;
};

export type EnrolOptions = { readonly maxImageBytes: number; readonly signal: AbortSignal };

/** Why an image was left out: its own fault as /infer would answer it, or that it holds several. docs/errors.md lists them. */
export const refusalCodes = [
  'INVALID_REQUEST',
  'INVALID_BASE64',
  'TOO_LARGE',
  'TOO_MANY_PIXELS',
  'UNSUPPORTED_IMAGE',
  'UNREADABLE',
  'NO_FACE',
  'SEVERAL_FACES',
] as const satisfies readonly (ErrorCode | 'SEVERAL_FACES')[];

export type Refusal = { readonly index: number; readonly code: (typeof refusalCodes)[number]; readonly reason: string };

export type Enrolled = {
  /** Images that became templates in this request. */
  readonly enrolled: number;
  /** Templates that the id has now; with none enrolled nothing changed and this is null. */
  readonly templates: number | null;
  readonly refused: readonly Refusal[];
};

type FaceCrop = { readonly crop: Uint8Array; readonly sourceSha256: string; readonly detector: string };

/** Images of one request that are looked at at once: the detector's own pool bounds the rest. */
const imagesAtOnce = 2;

/**
 * Enrols a person: one template per usable image, from its largest face. Images that are at fault are left out and named; a
 * failure that is not an image's (detector, Triton, store, deadline) rejects, and nothing is changed.
 */
export async function enrol(deps: IdentifyDeps, request: EnrolRequest, options: EnrolOptions): Promise<Enrolled> {
  const { embedder, store } = deps;
  const { gallery = defaultGallery, id, images, mode, fields = {} } = request;
  const { signal } = options;
  await embedder.describe({ signal });
  const looked = await mapConcurrently(images, { limit: imagesAtOnce, signal }, (image, index, signal) =>
    cropOrRefusal(deps, image, index, request.faces, { ...options, signal }),
  );
  const refused = looked.filter(result => 'code' in result);
  const faces = looked.filter(result => 'crop' in result);
  if (faces.length === 0) return { enrolled: 0, templates: null, refused };
  const embeddings = await embedder.embed(concatenate(faces), faces.length, { signal });
  const added = faces.map(
    ({ sourceSha256, detector }, i): NewTemplate => ({ vector: embeddings[i]!, sourceSha256, detector }),
  );
  signal.throwIfAborted();
  const { templates } = await store.gallery(gallery).put({ id, templates: added, mode, fields });
  return { enrolled: added.length, templates, refused };
}

async function cropOrRefusal(
  { finder, embedder }: IdentifyDeps,
  image: string,
  index: number,
  accept: EnrolRequest['faces'],
  { maxImageBytes, signal }: EnrolOptions,
): Promise<FaceCrop | Refusal> {
  try {
    const bytes = decodeBase64Image(image, maxImageBytes);
    const found = await finder.find(bytes, { crop: embedder.model.crop }, { signal });
    const count = found.faces.length;
    if (count === 0 || found.crops === null) return { index, code: 'NO_FACE', reason: 'No face was found' };
    if (accept === 'single' && count > 1) {
      return { index, code: 'SEVERAL_FACES', reason: `Expected one face, found ${count}` };
    }
    // A copy, so that the crops of the other faces can go.
    const crop = found.crops.slice(0, found.crops.length / count);
    return { crop, sourceSha256: createHash('sha256').update(bytes).digest('hex'), detector: found.detector };
  } catch (error) {
    const code = error instanceof ServiceError ? refusalCodes.find(known => known === error.code) : undefined;
    if (code === undefined || !(error instanceof Error)) throw error;
    return { index, code, reason: error.message };
  }
}

function concatenate(faces: readonly FaceCrop[]): Uint8Array {
  const size = faces[0]?.crop.length ?? 0;
  const all = new Uint8Array(size * faces.length);
  for (const [i, { crop }] of faces.entries()) all.set(crop, i * size);
  return all;
}
