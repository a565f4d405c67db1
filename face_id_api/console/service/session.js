// @ts-check

/** @typedef {import('../replies.d.ts').Scope} Scope */

/**
 * What this tab remembers: the key (for as long as the tab lives, in no address), the gallery, and which scopes the key was found to lack.
 */
const keyName = 'face-id.key';
const galleryName = 'face-id.gallery';
const changes = new EventTarget();
/** @type {Set<Scope>} */
const lacking = new Set();

export const session = {
  /** @returns {string | null} */
  get key() {
    return sessionStorage.getItem(keyName);
  },
  set key(value) {
    if (value === null) sessionStorage.removeItem(keyName);
    else sessionStorage.setItem(keyName, value);
    lacking.clear();
    changes.dispatchEvent(new Event('key'));
  },
  get gallery() {
    return sessionStorage.getItem(galleryName) ?? 'default';
  },
  set gallery(name) {
    sessionStorage.setItem(galleryName, name);
    changes.dispatchEvent(new Event('gallery'));
  },
  /** @returns {ReadonlySet<Scope>} */
  get lacking() {
    return lacking;
  },
  /**
   * @param {Scope} scope
   */
  lacks(scope) {
    lacking.add(scope);
    changes.dispatchEvent(new Event('scopes'));
  },
  /** Says that who is enrolled has changed. */
  peopleChanged() {
    changes.dispatchEvent(new Event('people'));
  },
  /**
   * @param {'key' | 'gallery' | 'scopes' | 'people'} what
   * @param {() => void} listener
   */
  on(what, listener) {
    changes.addEventListener(what, listener);
  },
};

/**
 * Marks a control as one that needs a scope: it is off while the key is known to lack it.
 * @template {HTMLButtonElement | HTMLInputElement} T
 * @param {Scope} scope
 * @param {T} control
 * @returns {T}
 */
export function needs(scope, control) {
  control.dataset.needs = scope;
  applyScope(control);
  return control;
}

/** @param {HTMLButtonElement | HTMLInputElement} control */
function applyScope(control) {
  const scope = /** @type {Scope} */ (control.dataset.needs);
  const isLacking = lacking.has(scope);
  if (isLacking) {
    control.disabled = true;
    control.dataset.off = 'scope';
    control.title = `The key lacks the scope ${scope}`;
  } else if (control.dataset.off === 'scope') {
    control.disabled = false;
    delete control.dataset.off;
    control.title = '';
  }
}

function applyScopes() {
  for (const control of document.querySelectorAll('[data-needs]')) {
    if (control instanceof HTMLButtonElement || control instanceof HTMLInputElement) applyScope(control);
  }
}
session.on('scopes', applyScopes);
session.on('key', applyScopes);
