import type { ErrorCode } from '../../errors.ts';

/** One media type of a body: its JSON Schema, where fastify's own does not say it, and examples by name. */
export type MediaDoc = {
  readonly schema?: object;
  readonly examples?: Readonly<Record<string, unknown>>;
};

export type ReplyDoc = {
  readonly description: string;
  readonly content: Readonly<Record<string, MediaDoc>>;
  /** Headers beside `x-request-id`, which every reply has: name to description. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** What the OpenAPI document says about a route beyond its zod schemas. A route without it is not in the document. */
export type RouteDoc = {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  /** The body by media type; for a body that fastify validates, its examples alone. */
  readonly request?: Readonly<Record<string, MediaDoc>>;
  /** Replies that are no errors, by status. */
  readonly replies: Readonly<Record<number, ReplyDoc>>;
  /** Every code that it can answer with, besides INVALID_REQUEST and INTERNAL, which all can. */
  readonly errors: readonly ErrorCode[];
};

declare module 'fastify' {
  interface FastifyContextConfig {
    doc?: RouteDoc;
  }
}
