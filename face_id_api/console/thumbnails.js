// @ts-check
import { idKey } from './format.js';
import { session } from './service/session.js';

/** @typedef {import('./replies.d.ts').IdentityId} IdentityId */

/** Pictures of this session only, by gallery and person or template: the service keeps none. @type {Map<string, string>} */
const pictures = new Map();

/** @param {IdentityId} id */
const personKey = id => `${session.gallery} person ${idKey(id)}`;

/** @param {string} template */
const templateKey = template => `${session.gallery} template ${template}`;

export const thumbnails = {
  /** @param {IdentityId} id */
  ofPerson: id => pictures.get(personKey(id)) ?? null,
  /** @param {string} template */
  ofTemplate: template => pictures.get(templateKey(template)) ?? null,
  /**
   * @param {IdentityId} id
   * @param {readonly string[]} templates
   * @param {Blob} picture
   */
  keep(id, templates, picture) {
    for (const key of [personKey(id), ...templates.map(templateKey)]) {
      drop(key);
      pictures.set(key, URL.createObjectURL(picture));
    }
  },
  /**
   * @param {IdentityId} id
   * @param {readonly string[]} templates
   */
  forget(id, templates) {
    drop(personKey(id));
    this.forgetTemplates(templates);
  },
  /** @param {readonly string[]} templates */
  forgetTemplates(templates) {
    for (const template of templates) drop(templateKey(template));
  },
};

/** @param {string} key */
function drop(key) {
  const url = pictures.get(key);
  if (url !== undefined) URL.revokeObjectURL(url);
  pictures.delete(key);
}
