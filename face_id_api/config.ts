import { z } from 'zod';

/** `api:` of config.yaml. Loopback unless told otherwise: there are no API keys yet. */
export const apiConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65535).default(8004),
});

/** `decision:` of config.yaml. A threshold (cosine) wins over fmr. */
export const decisionConfig = z.strictObject({
  /** False-match rate whose measured threshold applies. */
  fmr: z.number().positive().max(1).default(0.001),
  threshold: z.number().min(-1).max(1).nullable().default(null),
  /** Cosine by which the nearest identity has to lead; null: where the odds are 3 to 1, by the measured curve. 0: no such rule. */
  margin: z.number().min(0).max(2).nullable().default(null),
});

/** `store:` of config.yaml. */
export const storeConfig = z.strictObject({ kind: z.literal('local').default('local') });

export type ApiConfig = z.infer<typeof apiConfig>;
export type DecisionConfig = z.infer<typeof decisionConfig>;
export type StoreConfig = z.infer<typeof storeConfig>;
