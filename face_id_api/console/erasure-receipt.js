// @ts-check
import { openDialog } from './dialog.js';
import { fill, h, icon } from './dom.js';
import { counted, moment } from './format.js';
import { announce, notify } from './notices.js';

/** @typedef {import('./replies.d.ts').ErasedReply} ErasedReply */

/**
 * Shows what was erased, to be kept or passed on: it names nobody. Several erasures are shown as one, and saved as a list.
 * @param {readonly [ErasedReply, ...ErasedReply[]]} replies
 */
export function showReceipt(replies) {
  const dialog = openDialog({ title: 'Erased', class: 'narrow receipt' });
  const receipts = replies.map(reply => reply.receipt);
  const { receipt } = replies[0];
  const isOne = receipts.length === 1;
  const [identities, templates] = [sum(receipts.map(one => one.identities)), sum(receipts.map(one => one.templates))];
  const text = JSON.stringify(isOne ? receipt : receipts, null, 2);
  const places = receipt.places.map(({ place, templates }) =>
    h('li', null, h('span', null, place), h('span', { class: 'number' }, counted(templates, 'template'))),
  );
  fill(
    dialog.body,
    h('p', { class: 'receipt-lead' }, icon('check'), [
      identities > 0 && `${counted(identities, 'person', 'people')}, `,
      `${counted(templates, 'template')}: nothing of it can be found any more.`,
    ]),
    h(
      'dl',
      { class: 'facts' },
      fact('What', receipt.subject),
      fact('Gallery', receipt.gallery),
      fact('When', moment(receipt.erased_at)),
      receipt.id_sha256 !== null && fact('Id, as SHA-256', h('code', null, receipt.id_sha256)),
      isOne &&
        receipt.template_sha256 !== null &&
        fact('Template, as SHA-256', h('code', null, receipt.template_sha256)),
      isOne && places.length > 0 && fact('Where it was', h('ul', { class: 'places' }, places)),
    ),
    h(
      'p',
      { class: 'hint' },
      'The receipt names nobody and may be kept. Backups and exports that were made before are not reached.',
    ),
  );
  const copy = h('button', { class: 'button', type: 'button' }, icon('copy'), 'Copy');
  copy.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text).then(
      () => notify('Copied'),
      () => announce('The browser does not allow copying here'),
    );
  });
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const name = `erasure-${receipt.erased_at.slice(0, 19).replaceAll(':', '-')}.json`;
  const save = h('a', { class: 'button', href: url, download: name }, icon('download'), 'Save as JSON');
  const done = h('button', { class: 'button primary', type: 'button', on: { click: dialog.close } }, 'Done');
  dialog.element.addEventListener('close', () => URL.revokeObjectURL(url));
  fill(dialog.footer, copy, save, done);
  done.focus();
}

/** @param {readonly number[]} values */
const sum = values => values.reduce((total, value) => total + value, 0);

/**
 * A line of a list of facts.
 * @param {string} name
 * @param {string | Node} value
 */
export function fact(name, value) {
  return h('div', null, h('dt', null, name), h('dd', null, value));
}
