// @ts-check
import { fill, h, icon, uniqueId } from '../dom.js';
import { confidenceText, counted, scoreText } from '../format.js';
import { notify, showError } from '../notices.js';
import { personAvatar, personName } from '../person-avatar.js';
import { api } from '../service/api.js';
import { needs } from '../service/session.js';
import { mergeDialog } from './merge-dialog.js';

/** @typedef {import('../replies.d.ts').Duplicate} Duplicate */
/** @typedef {import('../replies.d.ts').Identity} Identity */

/** Pairs of people that may be one, each to be merged or told apart. */
export function createDuplicateList() {
  const heading = uniqueId();
  const list = h('ul', { class: 'review-list' });
  const place = h('div', { class: 'problem' });
  const state = h('p', { class: 'hint', role: 'status' });
  const further = h('button', { class: 'button', type: 'button', hidden: true }, 'Look further');
  further.addEventListener('click', () => look(next));
  const element = h(
    'section',
    { class: 'panel review-panel', 'aria-labelledby': heading },
    h('h2', { id: heading }, 'One person, or two?'),
    place,
    list,
    state,
    h('div', { class: 'actions' }, further),
  );
  /** Where the walk goes on; null at the end. @type {string | null} */
  let next = null;
  let asked = 0;
  let looked = 0;

  function load() {
    fill(list);
    looked = 0;
    look(null);
  }

  /** Until there is something to show, or nothing left. @param {string | null} from */
  async function look(from) {
    asked += 1;
    const mine = asked;
    further.hidden = true;
    fill(place);
    state.textContent = 'Comparing everybody with everybody…';
    try {
      let after = from;
      do {
        const page = await api.listDuplicates(after);
        if (mine !== asked) return;
        list.append(...page.pairs.map(row));
        looked += page.looked;
        after = page.next;
      } while (after !== null && list.childElementCount === 0);
      next = after;
      further.hidden = next === null;
      tell();
    } catch (error) {
      if (mine !== asked) return;
      state.textContent = '';
      showError(place, error, () => look(from));
    }
  }

  function tell() {
    const found = list.childElementCount;
    const pairs = found === 0 ? 'Nobody seems to be enrolled twice' : counted(found, 'pair');
    state.textContent = `${pairs} · ${counted(looked, 'person', 'people')} looked at`;
  }

  /** @param {Duplicate} pair */
  function row({ a, b, score, confidence }) {
    const problem = h('div', { class: 'problem' });
    const merge = needs('enrol', h('button', { class: 'button small', type: 'button' }, icon('merge'), 'Merge…'));
    const apart = needs('enrol', h('button', { class: 'button small', type: 'button' }, icon('split'), 'Two people'));
    const item = h(
      'li',
      { class: 'review-row' },
      h('div', { class: 'merge-pair' }, side(a), icon('swap'), side(b)),
      h(
        'p',
        { class: 'hint' },
        'Score ',
        h('span', { class: 'number' }, scoreText(score)),
        `, confidence ${confidenceText(confidence)}`,
      ),
      problem,
      h('div', { class: 'actions' }, merge, apart),
    );
    merge.addEventListener('click', () => mergeDialog({ into: a.id, from: b.id, onMerged: () => {} }));
    apart.addEventListener('click', async () => {
      apart.disabled = true;
      try {
        await api.dismissDuplicate(a.id, b.id);
        notify(`${a.name ?? a.id} and ${b.name ?? b.id} are two people`);
        const neighbour = item.nextElementSibling ?? item.previousElementSibling;
        item.remove();
        tell();
        const after = neighbour?.querySelector('button') ?? further;
        after.focus();
      } catch (error) {
        apart.disabled = false;
        showError(problem, error);
      }
    });
    return item;
  }

  return { element, load };
}

/** @param {Identity} person */
function side(person) {
  return h(
    'div',
    { class: 'merge-side' },
    personAvatar(person),
    personName(person),
    h('small', null, counted(person.templates, 'template')),
  );
}
