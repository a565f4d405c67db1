/** Every code a service of ours can answer with: HTTP status and title. docs/errors.md lists the same codes, and a test compares them. */
export const errorTable = {
  INVALID_REQUEST: { status: 400, title: 'The request does not match what is documented' },
  INVALID_BASE64: { status: 400, title: 'The image is not valid base64' },
  CONFIRMATION_REQUIRED: { status: 400, title: 'This deletes everything and wants to be confirmed' },
  UNAUTHENTICATED: { status: 401, title: 'The request carries no key that is known' },
  FORBIDDEN: { status: 403, title: 'The key may not do this' },
  FORBIDDEN_HOST: { status: 403, title: 'The service is not known under this name' },
  FORBIDDEN_ORIGIN: { status: 403, title: 'A page of another site asked for this' },
  NOT_FOUND: { status: 404, title: 'There is no such route' },
  UNKNOWN_ID: { status: 404, title: 'Nobody is enrolled under this id' },
  TEMPLATE_NOT_FOUND: { status: 404, title: 'The identity has no such template' },
  REJECTION_NOT_FOUND: { status: 404, title: 'The identity has no such rejected face' },
  CLUSTER_NOT_FOUND: { status: 404, title: 'There is no such group of unknown faces' },
  GALLERY_NOT_FOUND: { status: 404, title: 'There is no such gallery' },
  TOO_LARGE: { status: 413, title: 'The request holds too many bytes' },
  TOO_MANY_PIXELS: { status: 413, title: 'The image has too many pixels' },
  UNSUPPORTED_IMAGE: { status: 415, title: 'This is not an image format that is accepted' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The request body has a content type that is not accepted' },
  UNREADABLE: { status: 422, title: 'The image cannot be decoded' },
  NO_FACE: { status: 422, title: 'The image holds no face' },
  NO_FACE_ENROLLED: { status: 422, title: 'No image holds a usable face' },
  CONSENT_REQUIRED: { status: 422, title: 'Enrolment wants a consent that holds' },
  MODEL_MISMATCH: { status: 409, title: "The gallery holds another model's templates" },
  IDENTITY_EXISTS: { status: 409, title: 'The new id is enrolled already' },
  IDENTITY_FULL: { status: 409, title: 'The identity would have too many templates' },
  ENROLLED_FACE: { status: 409, title: 'The face is enrolled as this identity' },
  TEMPLATE_EXISTS: { status: 409, title: "A template's id is another identity's already" },
  GALLERY_EXISTS: { status: 409, title: 'Another gallery has this name' },
  GALLERY_BEHIND: { status: 409, title: 'The gallery beside this one lacks what has changed' },
  RATE_LIMITED: { status: 429, title: 'More was asked than is allowed' },
  INTERNAL: { status: 500, title: 'The service failed' },
  OVERLOADED: { status: 503, title: 'The service has as much work as it accepts' },
  DEPENDENCY_DOWN: { status: 503, title: 'A service that this one needs does not answer' },
  SHUTTING_DOWN: { status: 503, title: 'The service is ending' },
  STORAGE_FAILED: { status: 507, title: 'The store failed' },
  DEADLINE: { status: 504, title: 'The work took longer than allowed' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorTable;

export const errorCodes = Object.keys(errorTable) as ErrorCode[];

export type ServiceErrorOptions = {
  /** Kept for the log; the client never sees it. */
  readonly cause?: unknown;
  /** Further members of the problem document, for instance `issues` or `refused`. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
};

/** The one error class of the detector and the API. The message goes to the client: never bytes, vectors, ids or paths in it. */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: ServiceErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'ServiceError';
    this.code = code;
    this.extra = options.extra ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
