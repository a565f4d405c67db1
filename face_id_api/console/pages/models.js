// @ts-check
import { fill, h } from '../dom.js';
import { counted, percent, scoreText } from '../format.js';
import { showError } from '../notices.js';
import { api } from '../service/api.js';

/** @typedef {import('../replies.d.ts').ModelStatus} ModelStatus */
/** @typedef {import('../replies.d.ts').Readiness} Readiness */

/** @type {Readonly<Record<string, string>>} */
const checkNames = { detector: 'Detector', embedder: 'Embedder', store: 'Store', decision: 'Decision rule' };

/** The page over what is installed and whether it works. */
export function createModelsPage() {
  const heading = h('h1', { class: 'page-title', tabindex: '-1' }, 'Models');
  const checks = h('ul', { class: 'checks' });
  const models = h('div', { class: 'model-list' });
  const place = h('div', { class: 'problem' });
  const element = h(
    'section',
    { class: 'page models' },
    h(
      'header',
      { class: 'page-head' },
      heading,
      h('p', { class: 'page-lead' }, 'What is installed, what was measured of it, and whether it works.'),
    ),
    place,
    h(
      'section',
      { class: 'panel', 'aria-label': 'Health' },
      h('div', { class: 'panel-head' }, h('h2', null, 'Health')),
      checks,
    ),
    models,
  );

  async function load() {
    try {
      const reply = await api.listModels();
      fill(place);
      const inUse = reply.models.find(model => model.kind === 'detector' && model.active)?.name;
      fill(
        models,
        reply.models.map(model => modelCard(model, inUse)),
      );
    } catch (error) {
      showError(place, error, load);
    }
  }

  return {
    element,
    heading,
    title: 'Models',
    shown: load,
    /** @param {Readiness | null} readiness null: the service does not answer */
    showHealth(readiness) {
      if (readiness === null)
        fill(
          checks,
          h(
            'li',
            { class: 'check-row is-missing' },
            h('span', { class: 'dot' }),
            h('strong', null, 'Service'),
            h('span', null, 'does not answer'),
          ),
        );
      else
        fill(
          checks,
          Object.entries(readiness.checks).map(([name, check]) => checkRow(name, check)),
        );
    },
  };
}

/**
 * @param {string} name
 * @param {{ state: string, reason?: string | undefined }} check
 */
function checkRow(name, { state, reason }) {
  return h(
    'li',
    { class: `check-row is-${state}` },
    h('span', { class: 'dot' }),
    h('strong', null, checkNames[name] ?? name),
    h('span', null, state === 'ok' ? 'works' : (reason ?? state)),
  );
}

/**
 * @param {ModelStatus} model
 * @param {string | undefined} inUse
 */
function modelCard({ name, kind, purpose, licence, commercial, fingerprint, active, ready, calibration }, inUse) {
  return h(
    'section',
    { class: 'panel model-card', 'aria-label': name },
    h(
      'div',
      { class: 'model-head' },
      h('div', null, h('h2', { class: 'mono' }, name), h('p', { class: 'hint' }, `${kind} · ${purpose}`)),
      h(
        'div',
        { class: 'tags' },
        active && h('span', { class: 'tag plain' }, 'in use'),
        h('span', { class: `tag ${ready ? 'is-match' : 'is-ambiguous'}` }, ready ? 'ready' : 'not ready'),
      ),
    ),
    h('dl', { class: 'facts two' }, [
      h('div', null, h('dt', null, 'Licence'), h('dd', null, licence)),
      h('div', null, h('dt', null, 'Commercial use'), h('dd', null, commercial ? 'cleared' : 'not cleared')),
      h('div', { class: 'wide' }, h('dt', null, 'Fingerprint'), h('dd', null, h('code', null, fingerprint))),
    ]),
    calibration.map(one => measured(one, inUse)),
  );
}

/**
 * @param {ModelStatus['calibration'][number]} calibration
 * @param {string | undefined} inUse the detector that is
 */
function measured({ detector, accuracy, pairs, thresholds }, inUse) {
  return h(
    'details',
    { class: 'measured', open: detector === inUse },
    h(
      'summary',
      null,
      h('span', null, 'Measured behind ', h('code', null, detector)),
      h('small', null, `accuracy ${(100 * accuracy).toFixed(2)} %`),
    ),
    h(
      'table',
      { 'aria-label': `Measured behind ${detector}` },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          ['FMR', 'Threshold', 'FNMR'].map(name => h('th', { scope: 'col' }, name)),
        ),
      ),
      h('tbody', null, thresholds.map(measuredRow)),
    ),
    h(
      'p',
      { class: 'hint' },
      `${counted(pairs.same, 'pair')} of one person, ${counted(pairs.different, 'pair')} of two`,
    ),
  );
}

/** @param {import('../replies.d.ts').MeasuredPoint} point */
function measuredRow({ fmr, threshold, fnmr }) {
  const rest =
    threshold === null
      ? h('td', { colspan: '2', class: 'unsupported' }, 'too few errors in the data to say')
      : [
          h('td', { class: 'number' }, scoreText(threshold)),
          h('td', { class: 'number' }, fnmr === null ? '–' : percent(fnmr)),
        ];
  return h('tr', null, h('th', { scope: 'row', class: 'number' }, percent(fmr)), rest);
}
