// @ts-check
import { confirmDialog } from '../dialog.js';
import { fill, h, icon } from '../dom.js';
import { showReceipt } from '../erasure-receipt.js';
import { counted, moment } from '../format.js';
import { notify, showError } from '../notices.js';
import { api } from '../service/api.js';
import { needs } from '../service/session.js';
import { thumbnails } from '../thumbnails.js';
import { pickPerson } from './person-picker.js';
import { splitDialog } from './split-dialog.js';

/** @typedef {import('../replies.d.ts').IdentityReply} IdentityReply */
/** @typedef {import('../replies.d.ts').Template} Template */

/**
 * What a person is known by. Those that are chosen can be given to somebody else, split off or erased.
 * @param {{ person: IdentityReply, onChanged: () => void }} options
 */
export function createTemplateList({ person, onChanged }) {
  /** @type {Set<string>} */
  const chosen = new Set();
  const place = h('div', { class: 'problem' });
  const move = action('enrol', 'move', 'Move to…', () =>
    pickPerson({
      title: 'Whose templates are they?',
      except: person.id,
      onPick: other =>
        work(async () => {
          await api.moveTemplates(person.id, { templates: [...chosen], to: other.id });
          notify(`Moved to ${other.name ?? other.id}`);
        }),
    }),
  );
  const split = action('enrol', 'split', 'Split off…', () =>
    splitDialog({ from: person.id, templates: [...chosen], onSplit: onChanged }),
  );
  const erase = action('erase', 'trash', 'Erase', eraseChosen);
  const bar = h('div', { class: 'actions', role: 'group', 'aria-label': 'The chosen templates' }, move, split, erase);
  const rows = person.template_list.map(row);
  const element = h(
    'section',
    { class: 'panel templates', 'aria-label': 'Templates' },
    h(
      'div',
      { class: 'panel-head' },
      h('h3', null, 'Templates'),
      h('span', { class: 'count' }, person.template_list.length),
    ),
    rows.length === 0
      ? h('p', { class: 'hint' }, 'None: nobody is recognised as this person.')
      : h('ul', { class: 'template-list' }, rows),
    h(
      'p',
      { class: 'hint' },
      'Photos are not kept; a picture here is from this session. Choose templates to move, split off or erase them.',
    ),
    place,
    bar,
  );
  update();
  return { element };

  /** @param {Template} template */
  function row(template) {
    const box = h('input', { type: 'checkbox', class: 'check' });
    box.addEventListener('change', () => {
      if (box.checked) chosen.add(template.id);
      else chosen.delete(template.id);
      update();
    });
    const picture = thumbnails.ofTemplate(template.id);
    return h(
      'li',
      null,
      h(
        'label',
        { class: 'template-row' },
        box,
        picture === null
          ? h('span', { class: 'template-mark', 'aria-hidden': 'true' }, icon('template'))
          : h('img', { class: 'template-mark', src: picture, alt: '' }),
        h(
          'span',
          { class: 'template-text' },
          h('span', null, moment(template.created)),
          h('small', null, template.detector || 'from an embedding', ' · ', h('code', null, template.id.slice(0, 8))),
        ),
      ),
    );
  }

  function update() {
    bar.hidden = chosen.size === 0;
  }

  function eraseChosen() {
    confirmDialog({
      title: `Erase ${counted(chosen.size, 'template')}?`,
      text: ['The person stays, also without templates: nobody is then recognised as them. It cannot be undone.'],
      action: 'Erase',
      showError,
      work: async () => {
        const erased = [];
        for (const template of chosen) erased.push(await api.eraseTemplate(person.id, template));
        thumbnails.forgetTemplates([...chosen]);
        onChanged();
        const [first, ...others] = erased;
        // After the question, which is still open, has gone.
        if (first) setTimeout(() => showReceipt([first, ...others]));
      },
    });
  }

  /** @param {() => Promise<void>} change */
  async function work(change) {
    try {
      await change();
      onChanged();
    } catch (error) {
      showError(place, error);
    }
  }
}

/**
 * @param {import('../replies.d.ts').Scope} scope
 * @param {string} iconName
 * @param {string} text
 * @param {() => void} work
 */
function action(scope, iconName, text, work) {
  const button = h('button', { class: 'button small', type: 'button', on: { click: work } });
  fill(button, icon(iconName), text);
  return needs(scope, button);
}
