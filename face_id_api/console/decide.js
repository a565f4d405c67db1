// @ts-check

/** @typedef {import('./replies.d.ts').Candidate} Candidate */
/** @typedef {import('./replies.d.ts').MeasuredPoint} MeasuredPoint */

/**
 * The service's own rule (face_id_api/core/decide.ts), so that a threshold can be tried on an answer without asking again.
 * @param {readonly Candidate[]} candidates best first
 * @param {{ readonly threshold: number, readonly margin: number }} rule
 * @returns {{ decision: 'match' | 'unknown' | 'ambiguous', id: number | string | null }}
 */
export function decide(candidates, { threshold, margin }) {
  const [nearest, next] = strikeRejected(candidates, threshold);
  if (nearest === undefined || nearest.score < threshold) return { decision: 'unknown', id: null };
  if (next !== undefined && nearest.score - next.score < margin) return { decision: 'ambiguous', id: null };
  return { decision: 'match', id: nearest.id };
}

/**
 * Whether a candidate is passed over, as the service does (face_id_api/core/strike-rejected.ts).
 * @param {Candidate} candidate
 * @param {number} threshold
 */
export function isStruck({ score, rejection }, threshold) {
  return rejection !== undefined && rejection >= threshold && rejection > score;
}

/**
 * The candidates that are left to decide by.
 * @param {readonly Candidate[]} candidates
 * @param {number} threshold
 */
export function strikeRejected(candidates, threshold) {
  return candidates.filter(candidate => !isStruck(candidate, threshold));
}

/**
 * The lowest measured false-match rate whose threshold this one reaches, as the service names it; null below all of them.
 * @param {readonly MeasuredPoint[]} points
 * @param {number} threshold
 * @returns {MeasuredPoint | null}
 */
export function pointAt(points, threshold) {
  const reached = points.filter(point => point.threshold !== null && point.threshold <= threshold);
  return reached.reduce(
    (/** @type {MeasuredPoint | null} */ best, point) => (best && best.fmr <= point.fmr ? best : point),
    null,
  );
}

/**
 * The share of strangers that are expected to be taken for somebody: 1 − (1 − FMR)^comparisons.
 * @param {number | null} fmr
 * @param {number} comparisons
 */
export function expectedFpir(fmr, comparisons) {
  if (fmr === null) return null;
  return comparisons === 0 ? 0 : -Math.expm1(comparisons * Math.log1p(-fmr));
}

/**
 * The part of the cosine's range in which moving a threshold changes anything: half as far again below the lowest measured one as
 * that is from 1. Without measured ones half of the range.
 * @param {readonly MeasuredPoint[]} points
 * @param {number} threshold which is in it in any case
 * @returns {{ min: number, max: number }}
 */
export function thresholdRange(points, threshold) {
  const measured = points.flatMap(point => (point.threshold === null ? [] : [point.threshold]));
  const lowest = Math.min(threshold, ...measured);
  const min = measured.length === 0 ? Math.min(0, threshold) : lowest - (1 - lowest) / 2;
  return { min: Math.max(-1, Math.floor(min * 100) / 100), max: 1 };
}
