import type { z } from 'zod';
import type { erasedReplySchema } from '../routes/erased-reply.ts';
import type { galleriesReplySchema, gallerySchema } from '../routes/galleries.ts';
import type { readyReplySchema } from '../routes/health.ts';
import type { identitiesReplySchema, identityReplySchema } from '../routes/identities.ts';
import type { faceSchema, inferReplySchema } from '../routes/infer.ts';
import type { modelStatusSchema, modelsReplySchema } from '../routes/models.ts';
import type { addedTemplatesSchema } from '../routes/put-identity.ts';
import type { identitySchema } from '../routes/schemas.ts';
import type { templateSchema } from '../routes/template-reply.ts';
import type { movedReplySchema } from '../routes/templates.ts';
import type { verifyReplySchema } from '../routes/verify.ts';

/** What the API answers, held to the schemas of its routes. For the compiler only: the browser never loads this. */
export type IdentityId = number | string;
export type InferReply = z.output<typeof inferReplySchema>;
export type Face = z.output<typeof faceSchema>;
export type Candidate = NonNullable<Face['candidates']>[number];
export type Decision = Face['decision'];
export type Box = Face['bounding_box'];
export type VerifyReply = z.output<typeof verifyReplySchema>;
export type Identity = z.output<typeof identitySchema>;
export type IdentityReply = z.output<typeof identityReplySchema>;
export type IdentitiesReply = z.output<typeof identitiesReplySchema>;
export type Template = z.output<typeof templateSchema>;
export type AddedTemplates = z.output<typeof addedTemplatesSchema>;
export type MovedReply = z.output<typeof movedReplySchema>;
export type ErasedReply = z.output<typeof erasedReplySchema>;
export type Gallery = z.output<typeof gallerySchema>;
export type GalleriesReply = z.output<typeof galleriesReplySchema>;
export type ModelStatus = z.output<typeof modelStatusSchema>;
export type ModelsReply = z.output<typeof modelsReplySchema>;
export type MeasuredPoint = ModelStatus['calibration'][number]['thresholds'][number];
export type Readiness = z.output<typeof readyReplySchema>;
export type Problem = {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly request_id?: string;
  readonly issues?: readonly { readonly path: string; readonly message: string }[];
};

export type Scope = 'read' | 'enrol' | 'erase' | 'admin';
