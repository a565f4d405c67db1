// @ts-check
import { byId, fill, h, icon, loadIcons } from './dom.js';
import { askForKey } from './key-dialog.js';
import { createComparePage } from './pages/compare.js';
import { createGalleriesPage } from './pages/galleries.js';
import { createModelsPage } from './pages/models.js';
import { createPeoplePage } from './pages/people.js';
import { createRecognisePage } from './pages/recognise.js';
import { createReviewPage } from './pages/review.js';
import { watchHealth } from './service/health.js';
import { onUnauthenticated } from './service/request.js';
import { session } from './service/session.js';

/** @typedef {import('./replies.d.ts').Readiness} Readiness */
/** @typedef {{ element: HTMLElement, heading: HTMLElement, title: string, shown?: () => void }} Page */

loadIcons();
onUnauthenticated(() => askForKey({ isWanted: true }));

const galleries = createGalleriesPage(/** @type {HTMLSelectElement} */ (byId('gallery')));
const models = createModelsPage();
/** @type {Record<string, Page>} */
const pages = {
  recognise: createRecognisePage(),
  people: createPeoplePage(),
  review: createReviewPage(),
  compare: createComparePage(),
  galleries,
  models,
};

byId('main').append(...Object.values(pages).map(({ element }) => element));
byId('key').addEventListener('click', () => askForKey({ isWanted: false }));
for (const what of /** @type {const} */ (['key', 'scopes'])) session.on(what, showKey);
// A photo that misses its place would be opened by the browser, and the page be gone.
for (const type of ['dragover', 'drop']) window.addEventListener(type, event => event.preventDefault());
window.addEventListener('hashchange', () => goTo(true));
watchHealth(showHealth);
showKey();
goTo(false);
galleries.load();

/** @param {boolean} hasMoved whether somebody went there, and is to be told where they are */
function goTo(hasMoved) {
  const name = location.hash.slice(1) in pages ? location.hash.slice(1) : 'recognise';
  for (const [other, { element }] of Object.entries(pages)) element.hidden = other !== name;
  for (const link of document.querySelectorAll('[data-page]')) {
    if (link instanceof HTMLElement && link.dataset.page === name) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const page = /** @type {Page} */ (pages[name]);
  document.title = `${page.title} · face-id`;
  page.shown?.();
  if (!hasMoved) return;
  window.scrollTo(0, 0);
  page.heading.focus({ preventScroll: true });
}

function showKey() {
  const button = byId('key');
  button.classList.toggle('has-key', session.key !== null);
  const lacking = [...session.lacking];
  const text =
    session.key === null ? 'API key' : lacking.length > 0 ? `API key, lacks ${lacking.join(', ')}` : 'API key, in use';
  button.setAttribute('aria-label', text);
  button.title = text;
  const notice = byId('scope-notice');
  notice.hidden = lacking.length === 0;
  fill(
    notice,
    icon('key'),
    h('span', null, h('strong', null, `The key lacks the scope ${lacking.join(', ')}. `), 'What needs it is off.'),
    h(
      'button',
      { class: 'button small', type: 'button', on: { click: () => askForKey({ isWanted: false }) } },
      'Use another key',
    ),
  );
}

/** @param {Readiness | null} readiness */
function showHealth(readiness) {
  models.showHealth(readiness);
  const state = readiness === null ? 'offline' : readiness.status;
  const health = byId('health');
  health.dataset.state = state;
  byId('health-text').textContent =
    { ready: 'Ready', degraded: 'Degraded', not_ready: 'Not ready', offline: 'Offline' }[state] ?? state;
  const banner = byId('banner');
  banner.hidden = state === 'ready' || state === 'degraded';
  if (readiness === null) {
    fill(
      banner,
      icon('warning'),
      h('span', null, h('strong', null, 'The service does not answer. '), 'It is asked again every few seconds.'),
    );
  } else if (state === 'not_ready') {
    const missing = Object.entries(readiness.checks).filter(([, check]) => check.state === 'missing');
    fill(
      banner,
      icon('warning'),
      h(
        'span',
        null,
        h('strong', null, 'The service is not ready. '),
        missing.map(([name, check]) => `${name}: ${check.reason ?? 'missing'}`).join('; '),
      ),
    );
  }
}
