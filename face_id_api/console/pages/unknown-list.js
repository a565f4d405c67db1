// @ts-check
import { confirmDialog } from '../dialog.js';
import { fill, h, icon, uniqueId } from '../dom.js';
import { showReceipt } from '../erasure-receipt.js';
import { counted, idForName, moment, scoreText, toId } from '../format.js';
import { notify, showError } from '../notices.js';
import { idFollowsName, idInput, nameInput } from '../person-inputs.js';
import { api } from '../service/api.js';
import { needs, session } from '../service/session.js';
import { createConsentFields } from './consent-fields.js';

/** @typedef {import('../replies.d.ts').UnknownCluster} UnknownCluster */

/** Groups of unknown faces, each to be enrolled as one person or erased. There are no pictures: photos are not kept. */
export function createUnknownList() {
  const heading = uniqueId();
  const list = h('ul', { class: 'review-list' });
  const place = h('div', { class: 'problem' });
  const state = h('p', { class: 'hint', role: 'status' });
  const element = h(
    'section',
    { class: 'panel review-panel', 'aria-labelledby': heading },
    h('h2', { id: heading }, 'Unknown faces'),
    place,
    list,
    state,
  );
  let asked = 0;

  async function load() {
    asked += 1;
    const mine = asked;
    try {
      const { clusters, faces, keeping, days } = await api.listClusters();
      if (mine !== asked) return;
      fill(place);
      fill(list, clusters.map(row));
      state.textContent = keeping
        ? `${counted(faces, 'face')} kept, each for ${counted(days, 'day')}. Seen once, a face is in no group.`
        : 'Not kept: unknowns.keep of the service’s configuration says so.';
    } catch (error) {
      if (mine !== asked) return;
      state.textContent = '';
      showError(place, error, load);
    }
  }

  /**
   * @param {UnknownCluster} cluster
   * @param {number} index
   */
  function row({ id: cluster, size, cohesion, first_seen, last_seen }, index) {
    const chanceId = idForName('');
    const name = nameInput();
    const id = idInput({ value: chanceId });
    idFollowsName({ name, id, chanceId });
    id.addEventListener('input', () => id.removeAttribute('aria-invalid'));
    const consent = createConsentFields({ consent: null });
    const problem = h('div', { class: 'problem' });
    const save = needs('enrol', h('button', { class: 'button primary', type: 'submit' }, icon('add'), 'Enrol'));
    const erase = needs('erase', h('button', { class: 'button quiet', type: 'button' }, icon('trash'), 'Erase'));
    const form = h(
      'form',
      { class: 'review-form', 'aria-label': `Group ${index + 1}: enrol ${counted(size, 'face')}`, novalidate: true },
      h('label', { class: 'field' }, h('span', null, 'Name ', h('small', null, 'if you like')), name),
      h('label', { class: 'field' }, h('span', null, 'Id'), id),
      consent.element,
      problem,
      h('div', { class: 'actions' }, save, erase),
    );
    form.addEventListener('submit', async event => {
      event.preventDefault();
      const wanted = toId(id.value.trim());
      if (wanted === null) {
        id.setAttribute('aria-invalid', 'true');
        return id.focus();
      }
      save.disabled = true;
      try {
        const given = name.value.trim();
        const { enrolled } = await api.enrolCluster(cluster, {
          id: wanted,
          ...(given !== '' && { name: given }),
          consent: consent.read() ?? undefined,
        });
        notify(`Enrolled ${given === '' ? wanted : given} with ${counted(enrolled, 'template')}`);
        session.peopleChanged();
      } catch (error) {
        save.disabled = false;
        showError(problem, error);
      }
    });
    erase.addEventListener('click', () =>
      confirmDialog({
        title: 'Erase these faces?',
        text: [`${counted(size, 'unknown face')} will be gone. It cannot be undone.`],
        action: 'Erase',
        showError,
        work: async () => {
          const erased = await api.eraseCluster(cluster);
          load();
          setTimeout(() => showReceipt([erased]));
        },
      }),
    );
    return h(
      'li',
      { class: 'review-row' },
      h(
        'p',
        null,
        h('strong', null, counted(size, 'face')),
        ' · alike by ',
        h('span', { class: 'number' }, scoreText(cohesion)),
      ),
      h('p', { class: 'hint' }, `${moment(first_seen)} to ${moment(last_seen)}`),
      form,
    );
  }

  return { element, load };
}
