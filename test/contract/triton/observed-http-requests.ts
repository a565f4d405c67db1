import { answerOf, type HttpCase, inferPath, input, noElements, output, refusal } from './http-case.ts';

const json = 'application/json' as const;

const twoInputs = (more: object): object => ({
  inputs: [
    { name: 'B', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] },
    { name: 'A', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] },
  ],
  ...more,
});

const twoAnswer = {
  model_name: 'two',
  model_version: '1',
  outputs: [
    { name: 'SA', datatype: 'FP32', shape: [1, 1], data: [10] },
    { name: 'SB', datatype: 'FP32', shape: [1, 1], data: [6] },
  ],
};

/** Requests in JSON: what is answered, and what is refused. */
export const observedHttpRequests: readonly HttpCase[] = [
  ...answers(),
  ...brokenJson(),
  ...wrongMembers(),
  ...wrongTensors(),
  ...parameters(),
  ...outputs(),
];

function answers(): HttpCase[] {
  const answered = (
    name: string,
    body: HttpCase['body'],
    answer: HttpCase['answer'],
    more: Partial<HttpCase> = {},
  ) => ({
    name,
    path: inferPath,
    body,
    status: 200,
    type: json,
    answer,
    ...more,
  });
  const written = (data: string): string =>
    `{"inputs":[{"name":"INPUT0","datatype":"FP32","shape":[1,4],"data":${data}}]}`;
  const read = (data: string): string =>
    `{"model_name":"identity","model_version":"1","outputs":[{"name":"OUTPUT0","datatype":"FP32","shape":[1,4],"data":${data}}]}`;
  return [
    answered('flat data', { inputs: [input()] }, answerOf()),
    answered(
      'nested data, however nested',
      {
        inputs: [
          input({
            data: [
              [1, 2],
              [[3], 4],
            ],
          }),
        ],
      },
      answerOf(),
    ),
    answered('of a version', { inputs: [input()] }, answerOf(), { path: '/v2/models/identity/versions/1/infer' }),
    answered('an id', { id: 'é"\\\u0001😀/', inputs: [input()] }, answerOf([output()], { id: 'é"\\\u0001😀/' })),
    answered('an empty id', { id: '', inputs: [input()] }, answerOf()),
    answered('the first of two ids', `{"id":"a","id":"b",${written('[1,2,3,4]').slice(1)}`, {
      ...answerOf([output()], { id: 'a' }),
    }),
    answered('any content type', { inputs: [input()] }, answerOf(), { headers: { 'content-type': 'text/plain' } }),
    answered('blanks behind the JSON', `${written('[1,2,3,4]')} \r\n\t`, answerOf()),
    answered('a byte order mark', `\ufeff${written('[1,2,3,4]')}`, answerOf()),
    answered(
      'infinities and NaN',
      written('[NaN,Infinity,-Infinity,-Inf]'),
      read('[NaN,Infinity,-Infinity,-Infinity]'),
    ),
    answered(
      'floats too large and too small',
      written('[1e39,-1e39,1e-50,-0.0]'),
      read('[Infinity,-Infinity,0.0,-0.0]'),
    ),
    answered('digits of floats', written('[0.1,100000,0.5,-0]'), read('[0.10000000149011612,100000.0,0.5,0.0]')),
    answered(
      "parameters of the request's own",
      {
        parameters: { a: 'x', b: 1, c: true, d: 1.5, '': '', sequence_id: 0 },
        inputs: [input({ parameters: { x: {} } })],
      },
      answerOf(),
    ),
    answered('outputs in the order of the model', twoInputs({ outputs: [{ name: 'SB' }, { name: 'SA' }] }), twoAnswer, {
      path: '/v2/models/two/infer',
    }),
    answered('an empty list of outputs', twoInputs({ outputs: [] }), twoAnswer, { path: '/v2/models/two/infer' }),
    answered('no elements', { inputs: [{ name: 'IN', datatype: 'INT32', shape: [1, 0], data: [] }] }, noElements, {
      path: '/v2/models/int32/infer',
    }),
  ];
}

function brokenJson(): HttpCase[] {
  const problems: readonly (readonly [string, string])[] = [
    [' ', 'The document is empty. at 1'],
    ['\0', 'The document is empty. at 0'],
    ['hello', 'Invalid value. at 0'],
    ['{', 'Missing a name for object member. at 1'],
    ['{"a"}', 'Missing a colon after a name of object member. at 4'],
    ['{"a":}', 'Invalid value. at 5'],
    ['{"a":1 "b"}', "Missing a comma or '}' after an object member. at 7"],
    ['{"a":1,}', 'Missing a name for object member. at 7'],
    ['[1 2]', "Missing a comma or ']' after an array element. at 3"],
    ['[1,]', 'Invalid value. at 3'],
    ['{}{}', 'The document root must not be followed by other values. at 2'],
    ['{"a":"x', 'Missing a closing quotation mark in string. at 7'],
    ['{"a":"\\q"}', 'Invalid escape character in string. at 6'],
    ['{"a":"\t"}', 'Invalid escape character in string. at 6'],
    ['{"a":"\\u12G4"}', 'Incorrect hex digit after \\u escape in string. at 6'],
    ['{"a":"\\ud800x"}', 'The surrogate pair in string is invalid. at 6'],
    ['{"a":-}', 'Invalid value. at 6'],
    ['{"a":01}', "Missing a comma or '}' after an object member. at 6"],
    ['{"a":1.}', 'Miss fraction part in number. at 7'],
    ['{"a":1e+}', 'Miss exponent in number. at 8'],
    ['{"a":1e309}', 'Number too big to be stored in double. at 5'],
    ['{"a":tru}', 'Invalid value. at 8'],
    ['{"a":nan}', 'Invalid value. at 6'],
    ['{"a":Infinit}', 'Invalid value. at 12'],
    ['{/**/}', 'Missing a name for object member. at 1'],
  ];
  return problems.map(([body, problem]) =>
    refusal(`JSON ${JSON.stringify(body)}`, body, 500, `failed to parse the request JSON buffer: ${problem}`),
  );
}

function wrongMembers(): HttpCase[] {
  const wrong = (name: string, body: object | string, error: string, status = 500): HttpCase =>
    refusal(name, body, status, error);
  const missing = (key: string) => `Unable to parse '${key}': attempt to access non-existing object member '${key}'`;
  const kind = (key: string, is: string, as = is) =>
    `Unable to parse '${key}': attempt to access JSON non-${is} as ${as}`;
  const unsigned = kind('shape', 'unsigned-integer');
  const sole = (got: string) =>
    `Input must set only one of the following fields: 'data', 'binary_data_size' in 'parameters', 'shared_memory_region' in 'parameters'. But${got}`;
  const one = (more: object): object => ({ inputs: [input(more)] });
  return [
    wrong('a number for the request', '3', missing('inputs')),
    wrong('no inputs', {}, missing('inputs')),
    wrong('inputs that are no array', { inputs: {} }, kind('inputs', 'array')),
    wrong('an input that is no object', { inputs: [3] }, sole(' no field is set'), 400),
    wrong('an id that is no text', { id: 3, parameters: 3, inputs: 3 }, kind('id', 'string')),
    wrong(
      'parameters that are no object',
      { parameters: [], inputs: 3 },
      'failed to get request params.: attempt to get members for non-object',
    ),
    wrong('no name', one({ name: undefined }), missing('name')),
    wrong('a name that is no text', one({ name: 3 }), kind('name', 'string')),
    wrong('no datatype', one({ datatype: undefined }), missing('datatype')),
    wrong('a datatype that is no text', one({ datatype: 3 }), kind('datatype', 'string')),
    wrong('no shape', one({ shape: undefined }), missing('shape')),
    wrong('a shape that is no array', one({ shape: 4 }), kind('shape', 'array')),
    wrong('a negative dimension', one({ shape: [-1, 4] }), unsigned),
    wrong('a dimension in text', one({ shape: ['1', 4] }), unsigned),
    wrong(
      'a dimension that is no integer',
      '{"inputs":[{"name":"INPUT0","datatype":"FP32","shape":[1.0,4],"data":[]}]}',
      unsigned,
    ),
    wrong(
      'a dimension beyond 64 bits',
      '{"inputs":[{"name":"INPUT0","datatype":"FP32","shape":[18446744073709551616,4],"data":[]}]}',
      unsigned,
    ),
    wrong('no data', one({ data: undefined }), sole(' no field is set'), 400),
    wrong(
      'data twice',
      one({ parameters: { binary_data_size: 16, shared_memory_region: 'r' } }),
      sole(" set 'data' 'binary_data_size' 'shared_memory_region'"),
      400,
    ),
    wrong('data that is no array', one({ data: 3 }), kind('data', 'array')),
    wrong(
      'shared memory that nobody registered',
      one({ data: undefined, parameters: { shared_memory_region: 'r' } }),
      "Unable to find shared memory region: 'r'",
      404,
    ),
    wrong(
      'a region that is no text',
      one({ data: undefined, parameters: { shared_memory_region: 1 } }),
      kind('shared_memory_region', 'string'),
    ),
    wrong(
      'an offset that is no integer',
      one({ data: undefined, parameters: { shared_memory_region: 'r', shared_memory_offset: 'x' } }),
      kind('shared_memory_offset', 'unsigned-integer'),
    ),
  ];
}

function wrongTensors(): HttpCase[] {
  const id = '[request id: <id_unknown>]';
  const one = (more: object): object => ({ inputs: [input(more)] });
  const data = (values: unknown, datatype = 'FP32'): object => one({ data: values, datatype });
  const notData = (kind: string, as = kind) => `Unable to parse 'data': attempt to access JSON non-${kind} as ${as}`;
  const mismatch = "Unable to parse 'data': Shape does not match true shape of 'data' field";
  const int32 = (values: string, status: number, error: string): HttpCase => ({
    ...refusal(
      `INT32 ${values}`,
      `{"inputs":[{"name":"IN","datatype":"INT32","shape":[1,1],"data":${values}}]}`,
      status,
      error,
    ),
    path: '/v2/models/int32/infer',
  });
  return [
    refusal('too few elements', data([1, 2, 3]), 500, mismatch),
    refusal('too many elements', data([1, 2, 3, 4, 5]), 500, mismatch),
    refusal('a text among numbers', data(['1', 2, 3, 4]), 500, notData('number', 'double')),
    refusal('null among numbers', data([null, 2, 3, 4]), 500, notData('number', 'double')),
    refusal('an object among numbers', data([{}, 2, 3, 4]), 500, notData('number', 'double')),
    refusal('numbers for BOOL', data([1, 0, 1, 0], 'BOOL'), 500, notData('boolean')),
    refusal(
      'numbers for BYTES',
      data([1, 2, 3, 4], 'BYTES'),
      500,
      'Unable to parse JSON bytes array: attempt to access JSON non-string as string',
    ),
    refusal('a negative number for UINT8', data([-1, 2, 3, 4], 'UINT8'), 500, notData('unsigned-integer')),
    refusal(
      'FP16 in JSON',
      data([1, 2, 3, 4], 'FP16'),
      400,
      'receiving FP16 data via JSON is not supported. Please use the binary data format for input INPUT0',
    ),
    refusal(
      'BF16 in JSON',
      data([1, 2, 3, 4], 'BF16'),
      400,
      'receiving BF16 data via JSON is not supported. Please use the binary data format for input INPUT0',
    ),
    refusal('a datatype that does not exist', data([1, 2, 3, 4], 'FLOAT'), 400, 'invalid datatype for input INPUT0'),
    refusal(
      'another datatype',
      data([1, 2, 3, 4], 'INT32'),
      400,
      `${id} inference input 'INPUT0' data-type is 'INT32', but model 'identity' expects 'FP32'`,
    ),
    refusal(
      "another datatype, with the request's id",
      { id: 'x', ...data([1, 2, 3, 4], 'FP64') },
      400,
      "[request id: x] inference input 'INPUT0' data-type is 'FP64', but model 'identity' expects 'FP32'",
    ),
    refusal('an input of another name', one({ name: 'W' }), 400, "unexpected inference input 'W' for model 'identity'"),
    refusal('an input twice', { inputs: [input(), input()] }, 400, `${id} input 'INPUT0' already exists in request`),
    refusal(
      'no inputs in the list',
      { inputs: [] },
      400,
      `${id} expected 1 inputs but got 0 inputs for model 'identity'. Got input(s) [], but missing required input(s) ['INPUT0']. Please provide all required input(s).`,
    ),
    refusal(
      'no dimensions',
      one({ shape: [] }),
      400,
      `${id} input 'INPUT0' has no shape but model requires batch dimension for 'identity'`,
    ),
    refusal(
      'a batch larger than max_batch_size',
      one({ shape: [9, 4], data: Array(36).fill(1) }),
      400,
      `${id} inference request batch-size must be <= 8 for 'identity'`,
    ),
    int32('[1.0]', 500, notData('signed-integer')),
    int32('[1e2]', 500, notData('signed-integer')),
    int32('[9223372036854775808]', 500, notData('signed-integer')),
    int32('[true]', 500, notData('signed-integer')),
  ];
}

function parameters(): HttpCase[] {
  const refused = (name: string, parameters: object, error: string, status = 500): HttpCase =>
    refusal(`parameter: ${name}`, { parameters, inputs: [input()] }, status, error);
  const kind = (key: string, is: string) => `Unable to parse '${key}': attempt to access JSON non-${is} as ${is}`;
  const custom = (key: string) =>
    `parameter '${key}' has invalid type. It should be either 'int', 'bool', or 'string'.`;
  const reserved = "parameter keys starting with 'triton_' are reserved for Triton usage and should not be specified.";
  return [
    refused('priority in text', { priority: 'x' }, kind('priority', 'unsigned-integer')),
    refused('negative timeout', { timeout: -1 }, kind('timeout', 'unsigned-integer')),
    refused('sequence_id that is neither', { sequence_id: 1.5 }, kind('sequence_id', 'string')),
    refused('sequence_start in a number', { sequence_start: 1 }, kind('sequence_start', 'boolean')),
    refused('sequence_end in text', { sequence_end: 'x' }, kind('sequence_end', 'boolean')),
    refused('binary_data_output in a number', { binary_data_output: 1 }, kind('binary_data_output', 'boolean')),
    refused('null', { n: null }, custom('n'), 400),
    refused('an object', { o: {} }, custom('o'), 400),
    refused('a reserved name', { triton_enable_empty_final_response: true }, reserved, 400),
  ];
}

function outputs(): HttpCase[] {
  const refused = (name: string, outputs: unknown, error: string, status = 500): HttpCase =>
    refusal(`outputs: ${name}`, { inputs: [input()], outputs }, status, error);
  const of = (parameters: object) => [{ name: 'OUTPUT0', parameters }];
  const region = { shared_memory_region: 'r' };
  const both = (key: string) => `Output can't set both 'shared_memory_region' and '${key}'`;
  return [
    refused('null', null, "Unable to parse 'outputs': attempt to access JSON non-array as array"),
    refused('no name', [{}], "Unable to parse 'name': attempt to access non-existing object member 'name'"),
    refused('unknown', [{ name: 'N' }], "unexpected inference output 'N' for model 'identity'", 400),
    refused(
      'binary_data in a number',
      of({ binary_data: 1 }),
      "Unable to parse 'binary_data': attempt to access JSON non-boolean as boolean",
    ),
    refused(
      'classification in text',
      of({ classification: 'x' }),
      "Unable to set 'classification': attempt to access JSON non-unsigned-integer as unsigned-integer",
    ),
    refused('shared memory', of(region), "Unable to find shared memory region: 'r'", 404),
    refused('shared memory and binary', of({ ...region, binary_data: true }), both('binary_data'), 400),
    refused('shared memory and classes', of({ ...region, classification: 1 }), both('classification'), 400),
    {
      name: 'outputs: classes',
      path: inferPath,
      body: { inputs: [input()], outputs: of({ classification: 2 }) },
      status: 200,
      type: json,
      answer: answerOf([{ name: 'OUTPUT0', datatype: 'BYTES', shape: [1, 2], data: ['4.000000:3', '3.000000:2'] }]),
    },
  ];
}
