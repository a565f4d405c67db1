// @ts-check

/** @typedef {Node | string | number | null | false | undefined} Child */
/**
 * `class`, `on` (listeners), `dataset`, and attributes by their names; null and false leave one out.
 * @typedef {{ class?: string, on?: Record<string, (event: any) => void>, dataset?: Record<string, string>, [attribute: string]: unknown }} Props
 */

/**
 * Makes an element. Text is always text: nothing that comes from outside is ever read as HTML.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Props | null} [props]
 * @param {...(Child | readonly Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProp(element, name, value);
  append(element, children);
  return element;
}

/**
 * Replaces everything in an element.
 * @param {Element} element
 * @param {...(Child | readonly Child[])} children
 */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/**
 * Puts icons.svg into the page, so that an icon is there too when the service is not. Without it the page has its words.
 */
export async function loadIcons() {
  const reply = await fetch(new URL('console/icons.svg', document.baseURI)).catch(() => null);
  if (reply === null || !reply.ok) return;
  const { documentElement } = new DOMParser().parseFromString(await reply.text(), 'image/svg+xml');
  documentElement.setAttribute('class', 'icon-set');
  documentElement.setAttribute('aria-hidden', 'true');
  document.body.append(document.importNode(documentElement, true));
}

/**
 * One of icons.svg, beside a text that says the same.
 * @param {string} name
 */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}

/**
 * An element of index.html.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

let made = 0;

/** An id that no other element has, for labels and descriptions. */
export function uniqueId() {
  made += 1;
  return `c${made}`;
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {unknown} value
 */
function setProp(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === 'class') element.className = String(value);
  else if (name === 'dataset') Object.assign(element.dataset, value);
  else if (name === 'on') {
    for (const [type, listener] of Object.entries(/** @type {object} */ (value)))
      element.addEventListener(type, listener);
  } else element.setAttribute(name, value === true ? '' : String(value));
}

/**
 * @param {Element} element
 * @param {readonly (Child | readonly Child[])[]} children
 */
function append(element, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}
