import type { operations } from './gen/rest-api.ts';

/** What a call takes in its query string, under the API's own names. */
export type QueryOf<Name extends keyof operations> = operations[Name] extends { parameters: { query?: infer Query } }
  ? NonNullable<Query>
  : never;

/** The JSON of a call's success. */
export type ReplyOf<Name extends keyof operations> = operations[Name] extends {
  responses: { 200: { content: { 'application/json': infer Reply } } };
}
  ? Reply
  : never;

/** The JSON that a call sends. */
export type BodyOf<Name extends keyof operations> = operations[Name] extends {
  requestBody: { content: { 'application/json': infer Body } };
}
  ? Body
  : never;

/** 2576 and "2576" are two people. */
export type IdentityId = number | string;

export type InferReply = Extract<ReplyOf<'infer'>, { faces: unknown }>;
export type Face = InferReply['faces'][number];
export type FaceQuality = NonNullable<Face['quality']>;
export type Decision = Face['decision'];
export type EmbeddingsReply = ReplyOf<'embeddings'>;
export type VerifyReply = ReplyOf<'verify'>;
export type EnrolReply = Extract<ReplyOf<'generate'>, { enrolled: number }>;
export type Identity = ReplyOf<'listIdentities'>['identities'][number];
export type IdentityDetails = ReplyOf<'getIdentity'>;
export type Template = ReplyOf<'listTemplates'>['templates'][number];
export type Moved = ReplyOf<'splitIdentity'>;
export type Receipt = ReplyOf<'deleteIdentity'>;
export type SubjectExport = ReplyOf<'exportIdentity'>;
export type Swept = ReplyOf<'sweepGallery'>;
export type Gallery = ReplyOf<'getGallery'>;
export type BesideReply = ReplyOf<'getBeside'>;
export type ImportReply = ReplyOf<'importGallery'>;
export type Model = ReplyOf<'models'>['models'][number];
export type Readiness = ReplyOf<'ready'>;
