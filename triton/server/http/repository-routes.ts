import type { ControlParameters, InferenceCore } from '../inference-core.ts';
import type { IndexEntry } from '../repository/version-table.ts';
import { StatusError } from '../status-error.ts';
import { emptyReply, jsonReply } from './http-reply.ts';
import { asBoolean, asObject, asString, findMember } from './json/json-value.ts';
import { parseJson } from './json/parse-json.ts';
import type { Route } from './route.ts';

/** Triton's model repository extension. Only the index may be asked of a named repository, of which there is one. */
export function repositoryRoutes(core: InferenceCore): Route[] {
  const json = { methods: ['POST'], errorType: 'application/json' } as const;
  const control = (action: string): RegExp => new RegExp(`^/v2/repository(?:/([^/]+))?/models/([^/]+)/${action}$`);
  return [
    {
      ...json,
      path: /^\/v2\/repository(?:\/[^/]+)?\/index$/,
      async answer(_groups, { body }) {
        const bytes = await body();
        const ready = bytes.length === 0 ? undefined : findMember(parseJson(bytes), 'ready');
        const entries = await core.repositoryIndex('', ready !== undefined && asBoolean(ready));
        return jsonReply(JSON.stringify(entries.map(toJson)));
      },
    },
    {
      ...json,
      path: control('load'),
      async answer([repository = '', name = ''], { body }) {
        refuseRepository(repository);
        await core.loadModel(name, loadParameters(await body()));
        return emptyReply(200, 'application/json');
      },
    },
    {
      ...json,
      path: control('unload'),
      async answer([repository = '', name = ''], { body }) {
        refuseRepository(repository);
        // Read for the connection's sake: no model here has others that depend on it, and Triton does not mind what else it says.
        await body();
        await core.unloadModel(name, {});
        return emptyReply(200, 'application/json');
      },
    },
  ];
}

function refuseRepository(name: string): void {
  if (name !== '') throw new StatusError('UNIMPLEMENTED', "'repository_name' specification is not supported");
}

/** What Triton knows of a version; a model that it could not read has a name only. */
function toJson({ name, version, state, reason }: IndexEntry): object {
  if (version === '') return { name };
  return { name, version, state, ...(reason !== '' && { reason }) };
}

function loadParameters(body: Uint8Array): ControlParameters {
  const given = body.length === 0 ? undefined : findMember(parseJson(body), 'parameters');
  const members = given === undefined ? [] : [...asObject(given)];
  return Object.fromEntries(
    members.map(([key, value]) => {
      const text = asString(value);
      if (key === 'config') return [key, text];
      if (key.startsWith('file:')) return [key, Buffer.from(text, 'base64')];
      throw new StatusError('INTERNAL', 'unexpected error on creating Triton parameter');
    }),
  );
}
