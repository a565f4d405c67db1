import { ServiceError } from '../detector/errors.ts';
import type { Calibration, ModelCard } from '../triton/card.ts';
import type { DecisionConfig } from './config.ts';
import { type DecisionRule, marginOf } from './core/decide.ts';
import { StartError } from './start-error.ts';

/** What a request may ask for in place of the configured rule; at most one of the two. */
export type RuleRequest = { readonly threshold?: number | undefined; readonly fmr?: number | undefined };

export type DecisionRules = {
  /** What was measured for faces of this detector; null when nothing was. */
  calibrationFor(detector: string): Calibration | null;
  /** Why the configured rule cannot decide on this detector's faces; null when it can. */
  problemWith(detector: string): string | null;
  /** @throws ServiceError INVALID_REQUEST when `fmr` was not measured, INTERNAL when the configured rule cannot decide */
  ruleFor(detector: string, request: RuleRequest): DecisionRule;
};

/**
 * Thresholds and probabilities by detector: a score means something else behind another one. A configured threshold needs no
 * calibration; confidences then are null.
 * @throws StartError when neither a threshold is configured nor any calibration holds one for the configured rate
 */
export function createDecisionRules(card: ModelCard, config: DecisionConfig): DecisionRules {
  const calibrationFor = (detector: string): Calibration | null =>
    card.calibration.find(calibration => calibration.detector === detector) ?? null;

  function problemWith(detector: string): string | null {
    if (config.threshold !== null) return null;
    const calibration = calibrationFor(detector);
    if (calibration === null) {
      return `model '${card.name}' has no calibration behind detector '${detector}': ${whatToDo}`;
    }
    if (thresholdAt(calibration, config.fmr) !== null) return null;
    return `decision.fmr: expected one of ${measuredRates(calibration)}, got ${config.fmr}`;
  }

  const problems = card.calibration.map(({ detector }) => problemWith(detector));
  if (config.threshold === null && !problems.includes(null)) {
    throw new StartError(problems[0] ?? `model '${card.name}' has no calibration: ${whatToDo}`);
  }

  return {
    calibrationFor,
    problemWith,
    ruleFor(detector, request) {
      const calibration = calibrationFor(detector);
      const curve = calibration?.curve ?? null;
      const threshold = thresholdFor(detector, calibration, request);
      const fmr = calibration === null ? null : rateAt(calibration, threshold);
      return { threshold, fmr, margin: config.margin ?? marginOf(curve), curve };
    },
  };

  function thresholdFor(detector: string, calibration: Calibration | null, { threshold, fmr }: RuleRequest): number {
    if (threshold !== undefined) return threshold;
    if (fmr !== undefined) return requestedThreshold(calibration, fmr);
    if (config.threshold !== null) return config.threshold;
    const configured = calibration === null ? null : thresholdAt(calibration, config.fmr);
    if (configured === null) throw new ServiceError('INTERNAL', problemWith(detector) ?? 'no rule');
    return configured;
  }
}

const whatToDo = 'run `npm run eval` to measure one, or set decision.threshold';

function requestedThreshold(calibration: Calibration | null, fmr: number): number {
  const threshold = calibration === null ? null : thresholdAt(calibration, fmr);
  if (threshold !== null) return threshold;
  const expected =
    calibration === null ? 'threshold in its place: nothing was measured here' : `one of ${measuredRates(calibration)}`;
  const message = `expected ${expected}, got ${fmr}`;
  throw new ServiceError('INVALID_REQUEST', `query.fmr: ${message}`, {
    extra: { issues: [{ path: 'query.fmr', message }] },
  });
}

/** The threshold measured at this rate; null where the rate is not among the measured ones or the data do not support it. */
function thresholdAt(calibration: Calibration, fmr: number): number | null {
  return calibration.thresholds.find(measured => measured.fmr === fmr)?.threshold ?? null;
}

/** The lowest measured rate whose threshold this one reaches: it is not exceeded. Null below all of them. */
function rateAt({ thresholds }: Calibration, threshold: number): number | null {
  const rates = thresholds.filter(one => one.threshold !== null && one.threshold <= threshold).map(({ fmr }) => fmr);
  return rates.length === 0 ? null : Math.min(...rates);
}

function measuredRates({ thresholds }: Calibration): string {
  const rates = thresholds.filter(({ threshold }) => threshold !== null).map(({ fmr }) => fmr);
  return rates.length === 0 ? 'none (too few pairs)' : rates.sort((a, b) => b - a).join(', ');
}
