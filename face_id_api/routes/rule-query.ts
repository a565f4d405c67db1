import { z } from 'zod';
import { queryNumber } from '../../detector/http/query-number.ts';
import type { RuleRequest } from '../decision-rules.ts';
import { scoreSchema } from './schemas.ts';

/** The query parameters that decide in place of the configured rule; at most one of the two. */
export const ruleQueryShape = {
  threshold: queryNumber(scoreSchema)
    .optional()
    .describe('Cosine from which on it is a match, in place of the configured rule. Not together with `fmr`.'),
  fmr: queryNumber(z.number().positive().max(1))
    .optional()
    .describe('One of the false-match rates that were measured (`GET /models`), in place of the configured rule.'),
};

/** For zod's `refine`, on a query with both parameters. */
export const isOneRule = ({ threshold, fmr }: RuleRequest): boolean => threshold === undefined || fmr === undefined;
export const twoRules = { path: ['fmr'], error: 'expected threshold or fmr, got both' };

/** What a decision was made by. */
export const appliedRuleSchema = z.object({
  threshold: scoreSchema.describe('Cosine from which on it is a match.'),
  fmr: z
    .number()
    .nullable()
    .describe(
      'False-match rate of one comparison: the lowest measured rate whose threshold is reached, so at most this. Null where none is.',
    ),
});
