import type { FastifyInstance } from 'fastify';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { buildDetectorApp } from '../../detector/app.ts';
import { errorCodes, errorTable } from '../../detector/errors.ts';
import { problemSchema } from '../../detector/http/problem-json.ts';
import { buildApiApp } from '../../face_id_api/app.ts';
import { lineRefusalCodes } from '../../face_id_api/archive/import-gallery.ts';
import { createFakeFaceFinder } from './detector/fake-face-finder.ts';
import { fakeDeps } from './face_id_api/fake-deps.ts';

const mediaSchema = z.object({
  schema: z.record(z.string(), z.unknown()),
  examples: z.record(z.string(), z.object({ value: z.unknown() })).optional(),
});
const operationSchema = z.object({
  operationId: z.string(),
  summary: z.string().min(1),
  parameters: z
    .array(z.object({ name: z.string(), in: z.string(), description: z.string().optional(), schema: z.unknown() }))
    .default([]),
  requestBody: z.object({ required: z.literal(true), content: z.record(z.string(), mediaSchema) }).optional(),
  responses: z.record(
    z.string(),
    z.object({
      description: z.string().min(1),
      headers: z.looseObject({ 'x-request-id': z.unknown() }),
      content: z.record(z.string(), mediaSchema),
    }),
  ),
});
const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  info: z.object({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.object({ Problem: z.unknown() }) }),
});

type Operation = z.infer<typeof operationSchema>;

const deps = fakeDeps();
const api = await buildApiApp(deps);
const detector = await buildDetectorApp({ finder: createFakeFaceFinder(), config: { deadline_ms: 1000 } });
afterAll(async () => {
  await api.close();
  await detector.close();
  await deps.store.close();
});

const documentOf = async (app: FastifyInstance) => documentSchema.parse((await app.inject('/openapi.json')).json());

function operationsOf({ paths }: z.infer<typeof documentSchema>): [route: string, Operation][] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
}

const services = [
  [
    'API',
    api,
    [
      'DELETE /galleries/{name}',
      'DELETE /identities',
      'DELETE /identities/{id}',
      'DELETE /identities/{id}/rejections/{rejection}',
      'DELETE /identities/{id}/templates/{template}',
      'DELETE /unknowns',
      'DELETE /unknowns/clusters/{cluster}',
      'GET /duplicates',
      'GET /galleries',
      'GET /galleries/{name}',
      'GET /galleries/{name}/beside',
      'GET /galleries/{name}/export',
      'GET /healthz',
      'GET /identities',
      'GET /identities/{id}',
      'GET /identities/{id}/export',
      'GET /identities/{id}/rejections',
      'GET /identities/{id}/templates',
      'GET /identities/{id}/templates/{template}',
      'GET /models',
      'GET /readyz',
      'GET /unknowns/clusters',
      'PATCH /identities/{id}',
      'POST /duplicates/dismiss',
      'POST /duplicates/restore',
      'POST /embeddings',
      'POST /galleries/{name}/import',
      'POST /galleries/{name}/sweep',
      'POST /galleries/{name}/switch',
      'POST /generate',
      'POST /identities/{id}/merge',
      'POST /identities/{id}/rejections',
      'POST /identities/{id}/split',
      'POST /identities/{id}/templates',
      'POST /identities/{id}/templates/move',
      'POST /infer',
      'POST /unknowns/clusters/{cluster}/enrol',
      'POST /verify',
      'PUT /galleries/{name}',
      'PUT /galleries/{name}/beside',
      'PUT /identities/{id}',
    ],
  ],
  ['detector', detector, ['GET /healthz', 'GET /readyz', 'POST /crop', 'POST /detect']],
] as const;

describe.each(services)('/openapi.json of the %s', (_, app, routes) => {
  it('is OpenAPI 3.1 and describes every route', async () => {
    expect(
      operationsOf(await documentOf(app))
        .map(([route]) => route)
        .sort(),
    ).toEqual(routes);
  });

  it('has an example for every JSON body and every reply, and each fits its schema', async () => {
    const document = await documentOf(app);
    for (const [route, { requestBody, responses }] of operationsOf(document)) {
      const bodies = [requestBody?.content ?? {}, ...Object.values(responses).map(({ content }) => content)];
      for (const [type, media] of bodies.flatMap(content => Object.entries(content))) {
        if (!type.endsWith('json')) continue;
        const examples = Object.entries(media.examples ?? {});
        expect(examples.length, `${route} ${type}`).toBeGreaterThan(0);
        const schema = z.fromJSONSchema(withDefinitions(media.schema, document.components.schemas.Problem));
        for (const [name, { value }] of examples) {
          expect(schema.safeParse(value).error?.issues, `${route}: ${name}`).toBeUndefined();
        }
      }
    }
  });

  it('gives every error as a problem document, under the status of its code', async () => {
    for (const [route, { responses }] of operationsOf(await documentOf(app))) {
      expect(Object.keys(responses), route).toEqual(expect.arrayContaining(['200', '400', '500']));
      for (const [status, { content }] of Object.entries(responses)) {
        const problems = Object.values(content['application/problem+json']?.examples ?? {});
        if (Number(status) >= 400 && !route.endsWith('/readyz')) expect(problems.length, route).toBeGreaterThan(0);
        for (const { value } of problems) {
          const problem = problemSchema.parse(value);
          expect([problem.status, errorTable[problem.code].status]).toEqual([Number(status), Number(status)]);
        }
      }
    }
  });

  it('describes the three forms of an image', async () => {
    const operations = operationsOf(await documentOf(app)).filter(([route]) =>
      /infer|embeddings|detect|crop/.test(route),
    );
    expect(operations).toHaveLength(2);
    for (const [route, { requestBody, parameters }] of operations) {
      expect(Object.keys(requestBody?.content ?? {}), route).toEqual([
        'application/json',
        'multipart/form-data',
        'image/*',
        'application/octet-stream',
      ]);
      const names = parameters.map(({ name }) => name);
      expect(names, route).toEqual(expect.arrayContaining(['max_side', 'min_face_size', 'max_faces']));
      expect(parameters.every(({ description = '' }) => description !== '')).toBe(true);
    }
  });
});

describe('the OpenAPI documents together', () => {
  it('hold every error of the table', async () => {
    const documents = [await documentOf(api), await documentOf(detector)];
    const documented = documents
      .flatMap(operationsOf)
      .flatMap(([, { responses }]) =>
        Object.values(responses).flatMap(({ content }) =>
          Object.keys(content['application/problem+json']?.examples ?? {}),
        ),
      );
    // Some stand in a list of refused lines only.
    expect([...new Set([...documented, ...lineRefusalCodes])].sort()).toEqual([...errorCodes].sort());
  });

  it('list the decisions and say that there may be more', async () => {
    const text = JSON.stringify((await documentOf(api)).paths['/infer']);
    expect(text).toContain('"enum":["match","unknown","ambiguous"]');
    expect(text).toMatch(/Further values may come/);
  });
});

describe.each(services)('/docs of the %s', (_, app) => {
  it('is a page whose scripts, styles and document come from this service', async () => {
    const page = await app.inject('/docs');
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(match => match[1] ?? '');
    expect(links.length).toBeGreaterThan(4);
    for (const link of links) {
      expect(link).toMatch(/^\/docs\/static\//);
      expect((await app.inject(link)).statusCode, link).toBe(200);
    }
    expect(page.body).not.toMatch(/https?:\/\//);
    const script = (await app.inject('/docs/static/swagger-initializer.js')).body;
    expect(script).toContain("url: resolveUrl('./json')");
    expect(script).toContain('"validatorUrl":null');
    expect((await app.inject('/docs/json')).json()).toEqual((await app.inject('/openapi.json')).json());
  });

  it('is forbidden to ask anybody else', async () => {
    for (const url of ['/docs', '/docs/', '/docs/static/swagger-ui-bundle.js']) {
      const policy = String((await app.inject(url)).headers['content-security-policy']);
      expect(policy, url).toContain("default-src 'none'");
      expect(policy, url).toContain("connect-src 'self'");
      expect(policy, url).not.toMatch(/https?:|\*/);
    }
  });
});

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

/** A schema on its own, with what its references mean. */
function withDefinitions(schema: object, problem: unknown): JsonSchema {
  const text = JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/');
  return { $defs: { Problem: problem }, ...JSON.parse(text) };
}
