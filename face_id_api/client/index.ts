export type {
  BesideReply,
  BodyOf,
  Decision,
  EmbeddingsReply,
  EnrolReply,
  Face,
  FaceQuality,
  Gallery,
  Identity,
  IdentityDetails,
  IdentityId,
  ImportReply,
  InferReply,
  Model,
  Moved,
  QueryOf,
  Readiness,
  Receipt,
  ReplyOf,
  SubjectExport,
  Swept,
  Template,
  VerifyReply,
} from './api-types.ts';
export {
  type CallOptions,
  createFaceIdClient,
  type FaceIdClient,
  type FaceIdClientOptions,
} from './create-face-id-client.ts';
export { FaceIdError, type FaceIdErrorCode, type Problem } from './face-id-error.ts';
export type { Archive } from './gallery-calls.ts';
export type { components, operations, paths } from './gen/rest-api.ts';
export type { IdentitiesQuery, InGallery } from './identity-calls.ts';
export type { Image } from './image.ts';
export type { ArchiveEnd, ArchiveHeader, ArchiveIdentity, ArchiveLine } from './read-archive.ts';
export { type Refusal, refusalsOf } from './refusals-of.ts';
export type { GivenEmbeddings } from './rejection-calls.ts';
export type { Duplicate, UnknownCluster, UnknownClusters } from './review-calls.ts';
