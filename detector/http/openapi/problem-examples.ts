import { type ErrorCode, errorTable } from '../../errors.ts';
import type { ProblemDocument } from '../problem-json.ts';

/** What a client reads in each case: the detail, and the members that some codes add. */
const details: Readonly<
  Record<
    ErrorCode,
    { detail: string; issues?: ProblemDocument['issues']; refused?: unknown[]; behind?: ProblemDocument['behind'] }
  >
> = {
  INVALID_REQUEST: {
    detail: 'query.max_faces: Too small: expected number to be >=1',
    issues: [{ path: 'query.max_faces', message: 'Too small: expected number to be >=1' }],
  },
  INVALID_BASE64: { detail: 'The image: expected standard base64 with padding and no line breaks' },
  CONFIRMATION_REQUIRED: { detail: 'query.confirm: expected all; this deletes every identity' },
  UNAUTHENTICATED: { detail: 'Expected a key that is known, in x-api-key or as Authorization: Bearer' },
  FORBIDDEN: { detail: 'Expected a key with the scope erase' },
  FORBIDDEN_HOST: { detail: 'Expected localhost or a name of api.allowed_hosts in the header host' },
  FORBIDDEN_ORIGIN: { detail: 'Pages of other sites may ask where api.cors_origins names them' },
  NOT_FOUND: { detail: 'There is no such GET route' },
  UNKNOWN_ID: {
    detail: 'Nobody is enrolled under this id. Digits mean the integer; ?type=string asks for the string',
  },
  TEMPLATE_NOT_FOUND: { detail: 'The identity has no template of this id' },
  REJECTION_NOT_FOUND: { detail: 'The identity has no rejected face of this id' },
  CLUSTER_NOT_FOUND: { detail: 'The unknown faces have changed since they were grouped: list them again' },
  GALLERY_NOT_FOUND: { detail: 'There is no gallery of this name' },
  TOO_LARGE: { detail: 'The image: expected at most 20971520 bytes' },
  TOO_MANY_PIXELS: { detail: 'The image: expected at most 50000000 pixels, got 12000 × 9000' },
  UNSUPPORTED_IMAGE: { detail: 'The image: expected JPEG, PNG, WebP, GIF, TIFF, AVIF, HEIC, got something else' },
  UNSUPPORTED_MEDIA_TYPE: {
    detail: 'Expected content type application/json, multipart/form-data, image/* or application/octet-stream',
  },
  UNREADABLE: { detail: 'The image is truncated or broken' },
  NO_FACE: {
    detail: 'body.target_image: no face was found',
    issues: [{ path: 'body.target_image', message: 'no face was found' }],
  },
  NO_FACE_ENROLLED: {
    detail: 'None of the 1 images was usable; nothing changed',
    refused: [{ index: 0, code: 'NO_FACE', reason: 'No face was found' }],
  },
  CONSENT_REQUIRED: { detail: 'Enrolment wants a consent that holds, and there is none' },
  MODEL_MISMATCH: { detail: "The gallery holds another model's templates than 'dlib_resnet'" },
  IDENTITY_EXISTS: { detail: 'The new id is enrolled already' },
  IDENTITY_FULL: { detail: 'An identity may have at most 10000 templates, this would make 10001' },
  ENROLLED_FACE: {
    detail:
      'The identity was enrolled with this face: erase that template, or give it to whom it shows; `templates` names it',
  },
  TEMPLATE_EXISTS: { detail: 'A template of the import has an id that another identity has given' },
  GALLERY_BEHIND: {
    detail:
      'The gallery beside is behind: 2 identities are not in it. Run "npm run gallery -- reembed" again, or switch with force',
    behind: { missing: 2, changed: 0, bare: 0 },
  },
  GALLERY_EXISTS: { detail: "A gallery of this name is there, of another kind or with another model's templates" },
  RATE_LIMITED: { detail: 'Expected at most 6000 requests a minute with one key' },
  INTERNAL: { detail: 'The service failed; its log has the reason under this request id' },
  OVERLOADED: { detail: 'Expected at most 32 photo requests at once' },
  DEPENDENCY_DOWN: { detail: 'The detector does not answer' },
  SHUTTING_DOWN: { detail: 'The service is ending and takes no new requests' },
  STORAGE_FAILED: { detail: 'The store failed: the disk is full. Nothing of this request was kept' },
  DEADLINE: { detail: 'The request took longer than allowed' },
};

/** The problem document of a code, as a client may see it. */
export function problemExample(code: ErrorCode): ProblemDocument {
  const { status, title } = errorTable[code];
  const { detail, ...more } = details[code];
  const request_id = '4f9c6a52-0c1e-4f0b-9d9e-3f8b2f7f0b11';
  return { ...more, type: `urn:face-id:error:${code}`, title, status, detail, code, request_id };
}
