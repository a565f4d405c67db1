import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { queryNumber } from '../../detector/http/query-number.ts';
import type { ApiDeps } from '../app.ts';
import { retentionConfig } from '../config.ts';
import { dueReasons } from '../core/retention.ts';
import { retentionDocs } from '../openapi/retention-docs.ts';
import { sweepStore } from '../retention/sweep-store.ts';
import { receiptSchema, toReceipt } from './erased-reply.ts';
import { galleryPathSchema } from './galleries.ts';
import { identityIdSchema, querySwitch } from './schemas.ts';

export const sweepQuerySchema = z.strictObject({
  dry_run: querySwitch.default('true').describe('`false` erases those who are due.'),
  limit: queryNumber(z.int().min(1).max(1000))
    .default(100)
    .describe('How many are listed, and erased, at most. Ask again while more are due.'),
});

const reasonSchema = z
  .enum(dueReasons)
  .describe('`consent_expired`, or `unseen`: no photo has shown them for `retention.unseen_days`.');

export const sweepReplySchema = z.object({
  dry_run: z.boolean(),
  reasons: z
    .object({ consent_expired: z.int(), unseen: z.int() })
    .describe('How many were due before anybody was erased, by the reason.'),
  due: z
    .array(z.object({ id: identityIdSchema, reason: reasonSchema }))
    .describe('The first of them, in the order of their ids.'),
  receipts: z.array(receiptSchema).describe('One of each who was erased. They name nobody and may be kept.'),
});

/** `POST /galleries/:name/sweep`: who is not to be kept any longer, and their erasure. */
export function sweepRoute({
  store,
  audit = null,
  retention = retentionConfig.parse({}),
}: ApiDeps): FastifyPluginAsyncZod {
  const deps = { store, audit, retention };
  return async app => {
    const options = {
      schema: { params: galleryPathSchema, querystring: sweepQuerySchema, response: { 200: sweepReplySchema } },
      config: { doc: retentionDocs.sweepGallery, scope: 'erase' as const },
    };
    app.post('/galleries/:name/sweep', options, async ({ params: { name }, query: { dry_run, limit } }) => {
      const apply = dry_run === 'false';
      const { reasons, due, receipts } = await sweepStore(deps, name, { apply, limit, now: new Date() });
      return { dry_run: !apply, reasons, due: [...due], receipts: receipts.map(toReceipt) };
    });
  };
}
