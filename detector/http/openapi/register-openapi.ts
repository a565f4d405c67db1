import swagger, {
  type FastifyDynamicSwaggerOptions,
  type SwaggerTransform,
  type SwaggerTransformObject,
} from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyContextConfig, FastifyInstance } from 'fastify';
import { createJsonSchemaTransform } from 'fastify-type-provider-zod';
import manifest from '../../../package.json' with { type: 'json' };
import type { ErrorCode } from '../../errors.ts';
import { problemSchema } from '../problem-json.ts';
import { describeErrors } from './describe-errors.ts';
import { jsonSchemaOf, simplify } from './json-schema-of.ts';
import type { MediaDoc, ReplyDoc, RouteDoc } from './route-doc.ts';

/** What a route wants of who asks: one of these schemes, each with its scopes; and the codes that it says no with. */
export type RouteSecurity = {
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly errors: readonly ErrorCode[];
};

type SecuritySchemes = NonNullable<
  NonNullable<FastifyDynamicSwaggerOptions['openapi']>['components']
>['securitySchemes'];

export type OpenApiInfo = {
  readonly title: string;
  readonly description: string;
  /** OpenAPI's security schemes by name; none where nobody is asked who they are. */
  readonly securitySchemes?: SecuritySchemes;
  readonly securityOf?: (config: FastifyContextConfig) => RouteSecurity;
};

/** The page loads nothing from elsewhere and talks to nobody else; its scripts style elements one by one. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Describes the routes that are registered after it as OpenAPI 3.1: `/openapi.json`, and for people `/docs`. A route is in it when
 * its `config.doc` says what it is for; parameters and bodies come from its zod schemas.
 */
export async function registerOpenApi(app: FastifyInstance, info: OpenApiInfo): Promise<void> {
  const { title, description, securitySchemes, securityOf } = info;
  const docs = new Map<string, RouteDoc>();
  const toJsonSchema = createJsonSchemaTransform({ zodToJsonConfig: { override: simplify } });

  const transform: SwaggerTransform = route => {
    const doc = route.route.config?.doc;
    if (doc === undefined) return { schema: { hide: true }, url: route.url };
    const secured = securityOf?.(route.route.config ?? {});
    docs.set(doc.operationId, { ...doc, errors: [...doc.errors, ...(secured?.errors ?? [])] });
    const { schema, url } = toJsonSchema(route);
    const { operationId, summary, description = '' } = doc;
    const security = secured && { security: secured.security };
    return { schema: { ...schema, operationId, summary, description, ...security }, url };
  };

  const transformObject: SwaggerTransformObject = document => {
    if ('swaggerObject' in document) throw new Error('expected an OpenAPI document');
    const { openapiObject } = document;
    for (const item of Object.values(openapiObject.paths ?? {})) {
      for (const operation of [item?.get, item?.put, item?.patch, item?.post, item?.delete]) {
        const doc = docs.get(operation?.operationId ?? '');
        if (operation && doc) Object.assign(operation, describeBodies(operation, doc));
      }
    }
    const schemas = { Problem: jsonSchemaOf(problemSchema) };
    return Object.assign(openapiObject, { components: { schemas, ...(securitySchemes && { securitySchemes }) } });
  };

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, description, version: manifest.version, license: { name: manifest.license } },
      components: { securitySchemes },
    },
    transform,
    transformObject,
    convertConstToEnum: false,
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: contentSecurityPolicy,
    theme: { title },
    // Without the bar that takes the address of another document.
    uiConfig: { layout: 'BaseLayout', docExpansion: 'list', validatorUrl: null },
  });
  app.get('/openapi.json', async () => app.swagger());
}

type Operation = { readonly requestBody?: unknown; readonly responses?: unknown };

/** The operation's bodies, with what the doc adds to what fastify validates. */
function describeBodies({ requestBody, responses }: Operation, doc: RouteDoc): object {
  const validated = member(requestBody, 'content');
  const replies = Object.entries(doc.replies).map(([status, reply]): [string, object] => {
    return [status, describeReply(member(member(responses, status), 'content'), reply)];
  });
  return {
    ...(doc.request && { requestBody: { required: true, content: describeContent(validated, doc.request) } }),
    responses: mergeReplies(Object.fromEntries(replies), describeErrors(doc.errors)),
  };
}

/** A status that is a reply's and an error's too has the contents of both. */
function mergeReplies(replies: Record<string, object>, errors: Record<string, object>): Record<string, object> {
  const merged = Object.entries(errors).map(([status, error]) => {
    const reply = replies[status];
    if (reply === undefined) return [status, error];
    const content = { ...member(reply, 'content'), ...member(error, 'content') };
    return [status, { ...error, ...reply, content }];
  });
  return { ...replies, ...Object.fromEntries(merged) };
}

function describeReply(serialised: object, { description, content, headers = {} }: ReplyDoc): object {
  const named = { 'x-request-id': 'Finds the request in the log.', ...headers };
  return {
    description,
    headers: Object.fromEntries(
      Object.entries(named).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
    ),
    content: describeContent(serialised, content),
  };
}

function describeContent(known: object, content: Readonly<Record<string, MediaDoc>>): object {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema, examples = {} }]) => {
      const named = Object.entries(examples).map(([name, value]) => [name, { value }]);
      return [
        type,
        {
          schema: schema ?? member(member(known, type), 'schema'),
          ...(named.length > 0 && { examples: Object.fromEntries(named) }),
        },
      ];
    }),
  );
}

/** A member that is an object itself; an empty one where there is none. */
function member(value: unknown, name: string): object {
  if (typeof value !== 'object' || value === null) return {};
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'object' && found !== null ? found : {};
}
