import { ServiceError } from '../detector/errors.ts';
import type { DecisionRule } from './core/decide.ts';
import type { RuleRequest } from './decision-rules.ts';
import type { IdentifyDeps } from './identify.ts';

/**
 * The rule for faces that no photo comes with, behind the detector that looks at photos now. Rejects with DEPENDENCY_DOWN while that
 * one does not answer, and as `DecisionRules.ruleFor`.
 */
export async function presentRule(
  { finder, rules }: Pick<IdentifyDeps, 'finder' | 'rules'>,
  request: RuleRequest,
): Promise<DecisionRule> {
  const state = await finder.ready();
  if (!state.ok) throw new ServiceError('DEPENDENCY_DOWN', state.reason, { retryAfterSeconds: 1 });
  return rules.ruleFor(state.detector, request);
}
