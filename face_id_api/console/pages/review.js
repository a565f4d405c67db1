// @ts-check
import { h } from '../dom.js';
import { session } from '../service/session.js';
import { createDuplicateList } from './duplicate-list.js';
import { createUnknownList } from './unknown-list.js';

/** The page of what the service would like to be told: who is enrolled twice, and who the unknown faces are. */
export function createReviewPage() {
  const heading = h('h1', { class: 'page-title', tabindex: '-1' }, 'Review');
  const duplicates = createDuplicateList();
  const unknowns = createUnknownList();
  const element = h(
    'section',
    { class: 'page review' },
    h(
      'header',
      { class: 'page-head' },
      heading,
      h('p', { class: 'page-lead' }, 'Who may be enrolled twice, and faces that nobody is known for.'),
    ),
    duplicates.element,
    unknowns.element,
  );
  const load = () => {
    if (element.hidden) return;
    duplicates.load();
    unknowns.load();
  };
  for (const what of /** @type {const} */ (['gallery', 'key', 'people'])) session.on(what, load);
  return { element, heading, title: 'Review', shown: load };
}
