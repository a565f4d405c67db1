import { type HttpCase, inferPath, input } from './http-case.ts';

const json = 'application/json' as const;
const text = 'text/plain' as const;

/** Paths, methods, what is asked of models, and the model repository. */
export const observedHttpRoutes: readonly HttpCase[] = [...paths(), ...methods(), ...models(), ...repository()];

function paths(): HttpCase[] {
  const unknown = [
    ...['/', '/nope', '/metrics', '/v2/', '/v2/health', '/v2/health/foo', '/v2/health/live/', '//v2', '/v2/models'],
    ...['/v2/models/', '/v2/models/identity/', '/v2/models/identity/foo', '/v2/models/identity/versions/abc'],
    ...['/v2/models/identity/versions/-1', '/v2/models/identity/versions/1/trace/setting', '/v2/repository'],
    ...['/v2/repository/models/add', '/v2/systemsharedmemory', '/v2/cudasharedmemory/region/r'],
  ];
  return unknown.map(path => ({
    name: `no route at ${path}`,
    path,
    status: 404,
    type: text,
    answer: { error: 'Not Found' },
  }));
}

function methods(): HttpCase[] {
  const notAllowed: readonly (readonly [string, string, HttpCase['type']])[] = [
    ['POST', '/v2', json],
    ['DELETE', '/v2', json],
    ['OPTIONS', '/v2', json],
    ['POST', '/v2/health/live', text],
    ['POST', '/v2/models/identity', json],
    ['POST', '/v2/models/identity/ready', text],
    ['POST', '/v2/models/identity/config', json],
    ['POST', '/v2/models/stats', json],
    ['GET', inferPath, text],
    ['PUT', inferPath, text],
    ['GET', '/v2/repository/index', json],
    ['GET', '/v2/repository/models/add/load', json],
    ['PUT', '/v2/logging', json],
    ['PUT', '/v2/trace/setting', json],
    ['POST', '/v2/systemsharedmemory/status', json],
    ['GET', '/v2/systemsharedmemory/region/r/register', json],
    ['GET', '/v2/cudasharedmemory/unregister', json],
  ];
  return notAllowed.map(([method, path, type]) => ({
    name: `${method} ${path}`,
    method,
    path,
    status: 405,
    type,
    answer: { error: 'Method Not Allowed' },
  }));
}

function models(): HttpCase[] {
  const unknown = (what: string) => ({ error: `Request for unknown model: ${what}` });
  const tooLong = '99999999999999999999';
  const badVersion = {
    error: `failed to get model version from specified version string '${tooLong}' (details: stol), version should be an integral value > 0`,
  };
  const ready = '/v2/models/identity/ready';
  const get = (name: string, path: string, status: number, type: HttpCase['type'], answer: HttpCase['answer']) => ({
    name,
    path,
    status,
    type,
    answer,
  });
  const version9 = unknown("'identity' version 9 is not found");
  const notReady = { error: 'Model version not ready' };
  return [
    get('liveness', '/v2/health/live', 200, text, ''),
    get('a query is ignored', '/v2/health/live?x=1', 200, text, ''),
    get('readiness of a model', ready, 200, text, ''),
    get('readiness of a version', '/v2/models/identity/versions/1/ready', 200, text, ''),
    get('readiness of an unknown model', '/v2/models/nope/ready', 400, text, notReady),
    get('readiness of an unknown version', '/v2/models/identity/versions/9/ready', 400, text, notReady),
    get('readiness of no version', `/v2/models/identity/versions/${tooLong}/ready`, 400, text, badVersion),
    get('metadata', '/v2/models/two', 200, json, {
      name: 'two',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      inputs: [
        { name: 'A', datatype: 'FP32', shape: [-1, 4] },
        { name: 'B', datatype: 'FP32', shape: [-1, -1] },
      ],
      outputs: [
        { name: 'SA', datatype: 'FP32', shape: [-1, 1] },
        { name: 'SB', datatype: 'FP32', shape: [-1, 1] },
      ],
    }),
    get('metadata of one version', '/v2/models/plain/versions/01', 200, json, {
      name: 'plain',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'IN', datatype: 'FP32', shape: [2, -1] }],
      outputs: [{ name: 'OUT', datatype: 'FP32', shape: [2, -1] }],
    }),
    get('metadata of an unknown model', '/v2/models/nope', 404, json, unknown("'nope' is not found")),
    get('a name is not decoded', '/v2/models/ide%6Etity', 404, json, unknown("'ide%6Etity' is not found")),
    get('metadata of an unknown version', '/v2/models/identity/versions/9', 404, json, version9),
    get('metadata of no version', `/v2/models/identity/versions/${tooLong}`, 400, json, badVersion),
    get('configuration of an unknown model', '/v2/models/nope/config', 404, json, unknown("'nope' is not found")),
    get('configuration of an unknown version', '/v2/models/identity/versions/9/config', 404, json, version9),
    get('statistics of an unknown model', '/v2/models/nope/stats', 400, json, {
      error: "requested model 'nope' is not available",
    }),
    get('statistics of an unknown version', '/v2/models/identity/versions/9/stats', 400, json, {
      error: "requested model version is not available for model 'identity'",
    }),
    {
      ...get('inference of an unknown model', '/v2/models/nope/infer', 404, text, unknown("'nope' is not found")),
      body: '{',
    },
    {
      ...get('inference of an unknown version', '/v2/models/identity/versions/9/infer', 404, text, version9),
      body: { inputs: [input()] },
    },
  ];
}

function repository(): HttpCase[] {
  const asked = (
    name: string,
    path: string,
    body: HttpCase['body'],
    status: number,
    answer: HttpCase['answer'],
  ): HttpCase => ({
    name: `repository: ${name}`,
    path,
    body,
    status,
    type: json,
    answer,
  });
  const load = '/v2/repository/models/add/load';
  const notString = { error: 'attempt to access JSON non-string as string' };
  const named = { error: "'repository_name' specification is not supported" };
  return [
    asked('an index asked wrongly', '/v2/repository/index', { ready: 1 }, 500, {
      error: 'attempt to access JSON non-boolean as boolean',
    }),
    asked('an index asked in no JSON', '/v2/repository/index', '{', 500, {
      error: 'failed to parse the request JSON buffer: Missing a name for object member. at 1',
    }),
    asked('load from a named one', '/v2/repository/r/models/add/load', '', 501, named),
    asked('unload from a named one', '/v2/repository/r/models/add/unload', '', 501, named),
    asked('load with parameters that are none', load, { parameters: 3 }, 500, {
      error: 'attempt to get members for non-object',
    }),
    asked('load with a configuration that is no text', load, { parameters: { config: {} } }, 500, notString),
    asked('load with a file that is no text', load, { parameters: { 'file:1/model.onnx': 3 } }, 500, notString),
    asked('load with an unknown parameter', load, { parameters: { x: 'y' } }, 500, {
      error: 'unexpected error on creating Triton parameter',
    }),
  ];
}
