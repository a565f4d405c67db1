// @ts-check
import { ApiError } from './api-error.js';

/**
 * What to tell people about an error: what happened, and what they can do about it.
 * @typedef {{ readonly title: string, readonly advice: string }} Words
 */

/** @type {Readonly<Record<string, Words>>} */
const words = {
  OFFLINE: {
    title: 'The service does not answer',
    advice: 'Check that it runs and that this machine reaches it, then try again.',
  },
  UNAUTHENTICATED: { title: 'The service wants a key', advice: 'Enter one with the key button above.' },
  FORBIDDEN: { title: 'This key may not do that', advice: 'Use a key with the scope that it lacks.' },
  FORBIDDEN_HOST: {
    title: 'The service is not asked under this name',
    advice: 'Open the console under localhost, or name the host in api.allowed_hosts.',
  },
  FORBIDDEN_ORIGIN: {
    title: 'This page may not ask the service',
    advice: 'Open the console at the service’s own address.',
  },
  NOT_FOUND: { title: 'The service has no such route', advice: 'It is older or newer than this page: reload it.' },
  INVALID_BASE64: { title: 'The photo arrived damaged', advice: 'Try again; if it stays so, reload the page.' },
  UNSUPPORTED_MEDIA_TYPE: {
    title: 'The service does not take this',
    advice: 'It is older or newer than this page: reload it.',
  },
  NO_FACE_ENROLLED: {
    title: 'No face could be enrolled',
    advice: 'Take a photo in which the face is larger and not turned away.',
  },
  TEMPLATE_EXISTS: {
    title: 'Somebody else has this template',
    advice: 'Open the people again: it may have been moved meanwhile.',
  },
  RATE_LIMITED: { title: 'Too many requests', advice: 'Wait a moment, then try again.' },
  INVALID_REQUEST: { title: 'The service cannot use this', advice: 'Correct what it names below.' },
  CONFIRMATION_REQUIRED: { title: 'Nothing was erased', advice: 'Erasing everything wants to be confirmed.' },
  UNKNOWN_ID: {
    title: 'Nobody is enrolled under this id',
    advice: 'They may have been erased or merged meanwhile: reload the list.',
  },
  TEMPLATE_NOT_FOUND: {
    title: 'This template is gone',
    advice: 'It may have been moved or erased meanwhile: open the person again.',
  },
  REJECTION_NOT_FOUND: { title: 'This rejected face is gone', advice: 'Open the person again.' },
  CLUSTER_NOT_FOUND: {
    title: 'These unknown faces have changed',
    advice: 'Others came, or their term is over: open the page again.',
  },
  ENROLLED_FACE: {
    title: 'This very face is enrolled as them',
    advice: 'Erase that template, or move it to whom it shows, under People.',
  },
  GALLERY_NOT_FOUND: { title: 'There is no such gallery', advice: 'Choose another one, or create it under Galleries.' },
  GALLERY_EXISTS: { title: 'A gallery of this name is there already', advice: 'Choose another name.' },
  GALLERY_BEHIND: {
    title: 'The gallery beside lacks what has changed',
    advice: 'Run `gallery reembed` again, then switch.',
  },
  MODEL_MISMATCH: {
    title: 'This gallery belongs to another model',
    advice: 'Its vectors and the present model’s mean nothing to each other. Choose or create another gallery.',
  },
  IDENTITY_EXISTS: { title: 'This id is taken', advice: 'Choose another id, or move the templates to that person.' },
  IDENTITY_FULL: { title: 'This person has as many templates as one may have', advice: 'Erase some of them first.' },
  CONSENT_REQUIRED: {
    title: 'A consent is wanted',
    advice: 'Write down what the person has agreed to, and until when.',
  },
  TOO_LARGE: { title: 'The photo is too large', advice: 'At most 20 MiB each: save it smaller, then try again.' },
  TOO_MANY_PIXELS: {
    title: 'The photo has too many pixels',
    advice: 'At most 50 megapixels: scale it down, then try again.',
  },
  UNSUPPORTED_IMAGE: {
    title: 'This is no photo that can be read',
    advice: 'JPEG, PNG, WebP, GIF, TIFF, AVIF and HEIC are accepted. Save it as one of these first.',
  },
  UNREADABLE: { title: 'The photo is damaged or cut off', advice: 'Copy it again, or take another one.' },
  NO_FACE: { title: 'No face was found', advice: 'Take a photo in which the face is larger and not turned away.' },
  INTERNAL: { title: 'The service failed', advice: 'Its log has the reason under the request id below.' },
  OVERLOADED: { title: 'The service is busy', advice: 'Try again in a moment.' },
  DEPENDENCY_DOWN: {
    title: 'A part of the service does not answer',
    advice: 'Models shows which one. Try again once it does.',
  },
  SHUTTING_DOWN: { title: 'The service is stopping', advice: 'Try again once it runs again.' },
  STORAGE_FAILED: {
    title: 'The store failed',
    advice: 'Its disk is full or failing, or what it keeps cannot be decrypted. Nothing was kept.',
  },
  DEADLINE: { title: 'It took too long', advice: 'Try a smaller photo, or try again when less is going on.' },
};

/** Codes that have words of their own here. */
export const knownCodes = Object.keys(words);

/**
 * @param {unknown} error
 * @returns {Words & { detail: string | null, requestId: string | null, retryAfter: number | null }}
 */
export function wordsFor(error) {
  if (!(error instanceof ApiError)) {
    return {
      title: 'The console failed',
      advice: 'Reload the page.',
      detail: String(error),
      requestId: null,
      retryAfter: null,
    };
  }
  const { code, problem, retryAfter, status } = error;
  const known = words[code] ?? {
    title: 'The service refused this',
    advice: `It answered with ${status} and the code ${code}.`,
  };
  const needsDetail =
    words[code] === undefined || ['INVALID_REQUEST', 'FORBIDDEN', 'INTERNAL', 'NO_FACE'].includes(code);
  return {
    ...known,
    detail: needsDetail && problem.detail !== '' ? problem.detail : null,
    requestId: status >= 500 ? (problem.request_id ?? null) : null,
    retryAfter,
  };
}
