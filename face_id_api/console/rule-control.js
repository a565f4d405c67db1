// @ts-check
import { expectedFpir, pointAt, thresholdRange } from './decide.js';
import { fill, h, uniqueId } from './dom.js';
import { counted, oneIn, percent, scoreText } from './format.js';

/** @typedef {import('./replies.d.ts').MeasuredPoint} MeasuredPoint */
/** @typedef {import('./replies.d.ts').Decision} Decision */

/**
 * What the control stands on.
 * @typedef {object} Ground
 * @property {number} serviceThreshold of the rule that the service applied
 * @property {readonly MeasuredPoint[]} points what was measured for this embedder and detector
 * @property {number | null} comparisons per face; null where no gallery is asked
 */

/**
 * The threshold: a slider that says which false-match rate it stands for, over the scores that it decides on.
 * @param {(threshold: number) => void} onChange
 */
export function createRuleControl(onChange) {
  const [name, meaning] = [uniqueId(), uniqueId()];
  const slider = h('input', {
    type: 'range',
    class: 'slider',
    step: '0.001',
    'aria-labelledby': name,
    'aria-describedby': meaning,
  });
  const value = h('output', { class: 'rule-value number' });
  const dots = h('div', { class: 'rule-dots', 'aria-hidden': 'true' });
  const ticks = h('div', { class: 'rule-ticks', 'aria-hidden': 'true' });
  const presets = h('div', { class: 'chips', role: 'group', 'aria-label': 'Measured false-match rates' });
  const words = h('div', { class: 'rule-words', id: meaning });
  const element = h(
    'section',
    { class: 'panel rule', 'aria-label': 'Decision rule' },
    h('div', { class: 'panel-head' }, h('h2', { id: name }, 'Threshold'), value),
    h('div', { class: 'rule-scale' }, dots, slider, ticks),
    presets,
    words,
  );
  /** @type {Ground} */
  let ground = { serviceThreshold: 0, points: [], comparisons: null };
  /** What somebody set; null: the service's own. @type {number | null} */
  let own = null;
  let range = { min: -1, max: 1 };

  slider.addEventListener('input', () => set(Number(slider.value)));
  slider.addEventListener('keydown', event => {
    const measured = ground.points
      .flatMap(({ threshold }) => (threshold === null ? [] : [threshold]))
      .sort((a, b) => a - b);
    const now = current();
    const next =
      event.key === 'PageUp'
        ? measured.find(one => one > now + 1e-9)
        : event.key === 'PageDown'
          ? measured.findLast(one => one < now - 1e-9)
          : undefined;
    if (event.key !== 'PageUp' && event.key !== 'PageDown') return;
    event.preventDefault();
    if (next !== undefined) set(next);
  });

  const current = () => own ?? ground.serviceThreshold;

  /** @param {number | null} threshold */
  function set(threshold) {
    own = threshold;
    draw();
    onChange(current());
  }

  /** @param {number} score */
  const place = score => `${100 * Math.min(1, Math.max(0, (score - range.min) / (range.max - range.min)))}%`;

  function draw() {
    const threshold = current();
    const point = pointAt(ground.points, threshold);
    slider.min = String(range.min);
    slider.max = String(range.max);
    slider.value = String(threshold);
    slider.style.setProperty('--at', place(threshold));
    slider.setAttribute(
      'aria-valuetext',
      `${scoreText(threshold)}, false-match rate ${point ? percent(point.fmr) : 'not measured'}`,
    );
    value.textContent = scoreText(threshold);
    fill(
      ticks,
      ground.points.map(({ threshold, fmr }) => {
        if (threshold === null) return null;
        const tick = h('span', { class: 'rule-tick', title: `Measured: ${percent(fmr)}` });
        tick.style.left = place(threshold);
        return tick;
      }),
    );
    fill(
      presets,
      h('span', { class: 'chips-name', 'aria-hidden': 'true' }, 'FMR'),
      ground.points.map(measured => presetFor(measured, threshold)),
      resetFor(),
    );
    fill(words, meaningOf(point));
  }

  /**
   * @param {MeasuredPoint} measured
   * @param {number} threshold
   */
  function presetFor({ fmr, threshold: measured }, threshold) {
    const isOn = measured !== null && Math.abs(measured - threshold) < 5e-4;
    const isUnsupported = measured === null;
    const chip = h(
      'button',
      {
        class: 'chip',
        type: 'button',
        'aria-pressed': String(isOn),
        disabled: isUnsupported,
        'aria-label': `FMR ${percent(fmr)}${isUnsupported ? ', not supported by the data' : ''}`,
        title: isUnsupported ? 'Too few errors in the data to say which threshold that is' : null,
      },
      percent(fmr),
    );
    chip.addEventListener('click', () => set(measured));
    return chip;
  }

  function resetFor() {
    if (own === null) return null;
    const chip = h('button', { class: 'chip quiet', type: 'button' }, 'Reset');
    chip.addEventListener('click', () => {
      set(null);
      slider.focus();
    });
    return chip;
  }

  /** @param {MeasuredPoint | null} point */
  function meaningOf(point) {
    const { comparisons } = ground;
    if (point === null) {
      return h(
        'p',
        null,
        h('strong', null, 'Not measured this low. '),
        'Strangers will be taken for people who are enrolled.',
      );
    }
    const fpir = comparisons === null ? null : expectedFpir(point.fmr, comparisons);
    return h('dl', { class: 'rule-figures' }, [
      figure('FMR', percent(point.fmr), `${oneIn(point.fmr)} pairs of strangers`),
      figure('FNMR', point.fnmr === null ? '–' : percent(point.fnmr), 'pairs of one person missed'),
      fpir === null
        ? null
        : figure('expected FPIR', percent(fpir), `strangers named, by ${counted(comparisons ?? 0, 'comparison')}`),
    ]);
  }

  return {
    element,
    current,
    get range() {
      return range;
    },
    /** @param {Ground} given */
    show(given) {
      ground = given;
      range = thresholdRange(ground.points, ground.serviceThreshold);
      draw();
    },
    /**
     * The scores that are decided on.
     * @param {readonly { score: number | null, decision: Decision }[]} scores
     */
    showScores(scores) {
      fill(
        dots,
        scores.map(({ score, decision }) => {
          if (score === null) return null;
          const dot = h('span', { class: `rule-dot is-${decision}${score < range.min ? ' is-below' : ''}` });
          dot.style.left = place(score);
          return dot;
        }),
      );
    },
  };
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} meaning
 */
function figure(name, value, meaning) {
  return h(
    'div',
    null,
    h('dt', null, name),
    h('dd', null, h('span', { class: 'number' }, value), h('small', null, meaning)),
  );
}
