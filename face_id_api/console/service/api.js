// @ts-check
import { request } from './request.js';
import { session } from './session.js';

/** @typedef {import('../replies.d.ts').IdentityId} IdentityId */

/** @param {IdentityId} id */
const toPath = id => `identities/${encodeURIComponent(id)}`;

/** @param {IdentityId} id */
const target = id => ({ gallery: session.gallery, type: typeof id === 'number' ? 'integer' : 'string' });

/** The API's routes, over the chosen gallery. */
export const api = {
  /**
   * @param {Blob} photo
   * @param {{ by: 'template' | 'person', signal: AbortSignal }} options
   * @returns {Promise<import('../replies.d.ts').InferReply>}
   */
  infer: (photo, { by, signal }) =>
    request('POST', 'infer', {
      scope: 'read',
      body: photo,
      query: { gallery: session.gallery, top_k: 5, by, embeddings: true, quality: true },
      signal,
    }),
  /**
   * @param {{ source_image: string, target_image: string }} images in base64
   * @param {AbortSignal} signal
   * @returns {Promise<import('../replies.d.ts').VerifyReply>}
   */
  verify: (images, signal) => request('POST', 'verify', { scope: 'read', body: images, signal }),
  /**
   * @param {IdentityId} id
   * @param {{ embeddings: number[][], fingerprint: string, detector: string, name?: string,
   *   consent?: import('../replies.d.ts').Identity['consent'] | undefined }} body
   * @returns {Promise<import('../replies.d.ts').AddedTemplates>}
   */
  addTemplates: (id, body) => request('POST', `${toPath(id)}/templates`, { scope: 'enrol', body, query: target(id) }),
  /**
   * @param {{ limit?: number, after?: string | undefined, name_prefix?: string | undefined, signal?: AbortSignal }} page
   * @returns {Promise<import('../replies.d.ts').IdentitiesReply>}
   */
  listPeople: ({ signal, ...page }) =>
    request('GET', 'identities', { scope: 'read', query: { gallery: session.gallery, ...page }, signal }),
  /**
   * @param {IdentityId} id
   * @returns {Promise<import('../replies.d.ts').IdentityReply>}
   */
  getPerson: id => request('GET', toPath(id), { scope: 'read', query: target(id) }),
  /**
   * @param {IdentityId} id
   * @param {{ name?: string | null, metadata?: Record<string, string | number | boolean | null> | null,
   *   consent?: import('../replies.d.ts').Identity['consent'] | undefined }} change
   * @returns {Promise<import('../replies.d.ts').Identity>}
   */
  patchPerson: (id, change) => request('PATCH', toPath(id), { scope: 'enrol', body: change, query: target(id) }),
  /**
   * @param {IdentityId} id
   * @returns {Promise<import('../replies.d.ts').ErasedReply>}
   */
  erasePerson: id => request('DELETE', toPath(id), { scope: 'erase', query: target(id) }),
  /**
   * @param {IdentityId} into
   * @param {IdentityId} from
   * @returns {Promise<import('../replies.d.ts').Identity>}
   */
  mergePeople: (into, from) =>
    request('POST', `${toPath(into)}/merge`, { scope: 'enrol', body: { from }, query: target(into) }),
  /**
   * @param {IdentityId} from
   * @param {{ templates: string[], to: IdentityId }} body
   * @returns {Promise<import('../replies.d.ts').MovedReply>}
   */
  moveTemplates: (from, body) =>
    request('POST', `${toPath(from)}/templates/move`, { scope: 'enrol', body, query: target(from) }),
  /**
   * @param {IdentityId} from
   * @param {{ templates: string[], id: IdentityId }} body
   * @returns {Promise<import('../replies.d.ts').MovedReply>}
   */
  splitPerson: (from, body) => request('POST', `${toPath(from)}/split`, { scope: 'enrol', body, query: target(from) }),
  /**
   * @param {IdentityId} id
   * @param {string} template
   * @returns {Promise<import('../replies.d.ts').ErasedReply>}
   */
  eraseTemplate: (id, template) =>
    request('DELETE', `${toPath(id)}/templates/${encodeURIComponent(template)}`, { scope: 'erase', query: target(id) }),
  /**
   * @param {IdentityId} id
   * @param {{ embeddings: number[][], fingerprint: string, detector: string }} face
   * @returns {Promise<import('../replies.d.ts').RejectedReply>}
   */
  reject: (id, face) => request('POST', `${toPath(id)}/rejections`, { scope: 'enrol', body: face, query: target(id) }),
  /**
   * @param {string | null} after
   * @returns {Promise<import('../replies.d.ts').DuplicatesReply>}
   */
  listDuplicates: after =>
    request('GET', 'duplicates', {
      scope: 'read',
      query: { gallery: session.gallery, ...(after !== null && { after }) },
    }),
  /**
   * @param {IdentityId} a
   * @param {IdentityId} b
   * @returns {Promise<import('../replies.d.ts').PairReply>}
   */
  dismissDuplicate: (a, b) =>
    request('POST', 'duplicates/dismiss', { scope: 'enrol', body: { a, b }, query: { gallery: session.gallery } }),
  /** @returns {Promise<import('../replies.d.ts').ClustersReply>} */
  listClusters: () => request('GET', 'unknowns/clusters', { scope: 'read', query: { gallery: session.gallery } }),
  /**
   * @param {string} cluster
   * @param {{ id: IdentityId, name?: string, consent?: import('../replies.d.ts').Identity['consent'] }} person
   * @returns {Promise<import('../replies.d.ts').EnrolledCluster>}
   */
  enrolCluster: (cluster, person) =>
    request('POST', `unknowns/clusters/${cluster}/enrol`, {
      scope: 'enrol',
      body: person,
      query: { gallery: session.gallery },
    }),
  /**
   * @param {string} cluster
   * @returns {Promise<import('../replies.d.ts').ErasedReply>}
   */
  eraseCluster: cluster =>
    request('DELETE', `unknowns/clusters/${cluster}`, { scope: 'erase', query: { gallery: session.gallery } }),
  /** @returns {Promise<import('../replies.d.ts').GalleriesReply>} */
  listGalleries: () => request('GET', 'galleries', { scope: 'read' }),
  /**
   * @param {string} name
   * @returns {Promise<import('../replies.d.ts').Gallery>}
   */
  createGallery: name => request('PUT', `galleries/${encodeURIComponent(name)}`, { scope: 'enrol', body: {} }),
  /**
   * @param {string} name
   * @returns {Promise<import('../replies.d.ts').ErasedReply>}
   */
  eraseGallery: name =>
    request('DELETE', `galleries/${encodeURIComponent(name)}`, { scope: 'erase', query: { confirm: 'all' } }),
  /** @returns {Promise<import('../replies.d.ts').ModelsReply>} */
  listModels: () => request('GET', 'models', { scope: 'read' }),
};
