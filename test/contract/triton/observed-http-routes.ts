import { type HttpCase, inferPath, input } from './http-case.ts';

const json = 'application/json' as const;
const text = 'text/plain' as const;

/** Paths, methods, what is asked of models, and the model repository. */
export const observedHttpRoutes: readonly HttpCase[] = [
  ...paths(),
  ...methods(),
  ...models(),
  ...repository(),
  ...settings(),
  ...sharedMemory(),
];

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

function settings(): HttpCase[] {
  const asked = (path: string, body: HttpCase['body'], status: number, error: string): HttpCase => ({
    name: `${path} ${JSON.stringify(body)}`,
    path,
    body,
    status,
    type: json,
    answer: { error },
  });
  const logging = '/v2/logging';
  const trace = '/v2/trace/setting';
  const kind = (is: string) => `attempt to access JSON non-${is} as ${is}`;
  const logs = {
    log_file: '',
    log_info: true,
    log_warning: true,
    log_error: true,
    log_verbose_level: 0,
    log_format: 'default',
  };
  const traces = {
    trace_level: ['OFF'],
    trace_rate: '1000',
    trace_count: '-1',
    log_frequency: '0',
    trace_file: '',
    trace_mode: 'triton',
  };
  return [
    { name: 'log settings', path: logging, status: 200, type: json, answer: logs },
    {
      name: 'log settings left as they are',
      path: logging,
      body: { log_info: null, zzz: 1 },
      status: 200,
      type: json,
      answer: logs,
    },
    { name: 'trace settings', path: trace, status: 200, type: json, answer: traces },
    {
      name: 'trace settings of a model',
      path: '/v2/models/identity/trace/setting',
      status: 200,
      type: json,
      answer: traces,
    },
    {
      name: 'trace settings left as they are',
      path: trace,
      body: { trace_level: ['X'], zzz: 1 },
      status: 200,
      type: json,
      answer: traces,
    },
    asked(logging, '', 500, 'failed to parse the request JSON buffer: The document is empty. at 0'),
    asked(logging, { log_info: 1 }, 500, kind('boolean')),
    asked(logging, { log_verbose_level: -1 }, 500, kind('unsigned-integer')),
    asked(logging, { log_format: 3 }, 500, kind('string')),
    asked(logging, { log_format: 'x' }, 503, 'invalid argument for --log_format, got: x'),
    asked(logging, { log_file: 'x' }, 501, 'log file location can not be updated through network protocol'),
    asked(trace, { trace_file: 'x' }, 501, 'trace file location can not be updated through network protocol'),
    asked(trace, { trace_level: 'OFF' }, 500, kind('array')),
    asked(trace, { trace_level: [1] }, 500, kind('string')),
    asked(trace, { trace_level: ['OFF', 'TENSORS'] }, 400, "Expect only one trace level 'OFF' is specified"),
    asked(
      trace,
      { trace_level: ['TENSORS'] },
      400,
      'Attempting to set invalid trace setting :trace file name is not given',
    ),
    asked(trace, { trace_rate: 5 }, 500, kind('string')),
    asked(trace, { trace_rate: 'x' }, 400, "Unable to parse 'trace_rate', got: x"),
    asked(
      trace,
      { trace_count: '99999999999' },
      400,
      "Unable to parse 'trace_count', value is out of range [ -1, 2147483647 ], got: 99999999999",
    ),
    asked('/v2/models/nope/trace/setting', '{', 400, 'Request for unknown model : nope'),
  ];
}

function sharedMemory(): HttpCase[] {
  const none = (kind: string): HttpCase[] => {
    const path = `/v2/${kind}sharedmemory`;
    const done = { status: 200, type: json } as const;
    return [
      { name: `no regions of ${kind} memory`, path: `${path}/status`, ...done, answer: [] },
      { name: `nothing of ${kind} memory to unregister`, path: `${path}/unregister`, body: '', ...done, answer: '' },
      {
        name: `no region of ${kind} memory to unregister`,
        path: `${path}/region/r/unregister`,
        body: '',
        ...done,
        answer: '',
      },
      {
        ...refused(kind, '', 400, `'region name' is necessary to register ${kind} shared memory region`),
        name: `no name of a region of ${kind} memory`,
        path: `${path}/register`,
      },
      {
        name: `an unknown region of ${kind} memory`,
        path: `${path}/region/r/status`,
        status: 404,
        type: json,
        answer: { error: `Unable to find ${kind} shared memory region: 'r'` },
      },
    ];
  };
  const refused = (kind: string, body: HttpCase['body'], status: number, error: string): HttpCase => ({
    name: `registering ${kind} memory ${JSON.stringify(body)}`,
    path: `/v2/${kind}sharedmemory/region/r/register`,
    body,
    status,
    type: json,
    answer: { error },
  });
  const noField = (name: string) => `Shared memory register request has no '${name}' field`;
  const handle = (bytes: number) => ({ b64: Buffer.alloc(bytes).toString('base64') });
  return [
    ...none('system'),
    ...none('cuda'),
    refused('system', {}, 400, noField('key')),
    refused('system', { key: '/none' }, 400, noField('byte_size')),
    refused('system', { key: 3, byte_size: 1 }, 500, 'attempt to access JSON non-string as string'),
    refused('system', { key: '/none', byte_size: 16 }, 500, "Unable to open shared memory region: '/none'"),
    refused('cuda', {}, 400, noField('raw_handle')),
    refused('cuda', { raw_handle: 'x' }, 500, "attempt to access non-existing object member 'b64'"),
    refused('cuda', { raw_handle: handle(64) }, 500, "attempt to access non-existing object member 'byte_size'"),
    refused(
      'cuda',
      { raw_handle: handle(3), device_id: 0, byte_size: 1 },
      400,
      "'raw_handle' must be a valid base64 encoded cudaIpcMemHandle_t",
    ),
    refused(
      'cuda',
      { raw_handle: handle(64), device_id: 0, byte_size: 1 },
      400,
      'failed to register shared memory region: invalid args',
    ),
  ];
}
