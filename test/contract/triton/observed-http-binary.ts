import { gzipSync } from 'node:zlib';
import { answerOf, type HttpCase, inferPath, input, noElements, ones, withBinary } from './http-case.ts';

const json = 'application/json' as const;
const text = 'text/plain' as const;

/** The binary-data extension, raw requests and content codings. */
export const observedHttpBinary: readonly HttpCase[] = [...binary(), ...raw(), ...codings()];

function binary(): HttpCase[] {
  const request = (size: unknown = 16) => ({
    inputs: [input({ data: undefined, parameters: { binary_data_size: size } })],
  });
  const refused = (
    name: string,
    sent: Pick<HttpCase, 'body' | 'headers'>,
    error: string,
    more: Partial<HttpCase> = {},
  ) => ({
    name: `binary: ${name}`,
    path: inferPath,
    ...sent,
    status: 400,
    type: json,
    answer: { error },
    ...more,
  });
  const expecting = (bytes: number | string) =>
    `unexpected size for input 'INPUT0', expecting ${bytes} additional bytes for model 'identity'`;
  const mismatch = (got: number) =>
    `[request id: <id_unknown>] input byte size mismatch for input 'INPUT0' for model 'identity'. Expected 16, got ${got}`;
  const unsigned =
    "Unable to parse 'binary_data_size': attempt to access JSON non-unsigned-integer as unsigned-integer";
  const whole = withBinary(request(), ones(4)).body as Buffer;
  const range = (given: string) =>
    refused(
      `header length ${given}`,
      withBinary(request(), ones(4), given),
      `inference header size should be in range (0, ${whole.length}), got: ${given}`,
      { type: text },
    );
  return [
    refused('too few bytes', withBinary(request(), ones(3)), expecting(4)),
    refused('too many bytes', withBinary(request(), ones(5)), "unexpected additional input data for model 'identity'"),
    refused(
      'bytes behind JSON data',
      withBinary({ inputs: [input()] }, ones(1)),
      "unexpected additional input data for model 'identity'",
    ),
    refused('no header length', { body: whole.subarray(0, whole.length - 16) }, expecting(16)),
    refused('another size than the shape', withBinary(request(12), ones(3)), mismatch(12)),
    refused('a size of 0', withBinary(request(0), ones(0)), mismatch(0)),
    refused('a size in text', withBinary(request('x'), ones(4)), unsigned, { status: 500 }),
    refused('a negative size', withBinary(request(-1), ones(4)), unsigned, { status: 500 }),
    range('-1'),
    range('9999'),
    {
      name: 'binary: in and out in JSON',
      path: inferPath,
      ...withBinary(request(), ones(4)),
      status: 200,
      type: json,
      answer: answerOf(),
    },
    {
      name: 'binary: an output of no bytes leaves no header',
      path: '/v2/models/int32/infer',
      body: {
        parameters: { binary_data_output: true },
        inputs: [{ name: 'IN', datatype: 'INT32', shape: [1, 0], data: [] }],
      },
      status: 200,
      type: json,
      answer: {
        ...noElements,
        outputs: [{ name: 'OUT', datatype: 'INT32', shape: [1, 0], parameters: { binary_data_size: 0 } }],
      },
    },
  ];
}

function raw(): HttpCase[] {
  const refused = (model: string, body: Uint8Array, error: string): HttpCase => ({
    name: `raw: ${body.length} bytes to ${model}`,
    path: `/v2/models/${model}/infer`,
    headers: { 'Inference-Header-Content-Length': '0' },
    body,
    status: 400,
    type: json,
    answer: { error: `[request id: <id_unknown>] ${error}` },
  });
  const mismatch = (model: string, expected: number, got: number) =>
    `input byte size mismatch for input 'raw_input' for model '${model}'. Expected ${expected}, got ${got}`;
  return [
    refused('identity', ones(3), mismatch('identity', 16, 12)),
    refused('identity', ones(8), mismatch('identity', 16, 32)),
    refused('plain', Buffer.alloc(7), mismatch('plain', 0, 7)),
    refused('int32', Buffer.alloc(10), mismatch('int32', 8, 10)),
    refused(
      'two',
      ones(4),
      "Raw request must only have 1 input (found 1) to be deduced but got 2 inputs in 'two' model configuration",
    ),
    { ...refused('identity', Buffer.alloc(0), mismatch('identity', 16, 0)), name: 'raw: an empty body', headers: {} },
  ];
}

function codings(): HttpCase[] {
  const sent = JSON.stringify({ inputs: [input()] });
  const coded = (coding: string, body: Uint8Array, more: Partial<HttpCase>): HttpCase => ({
    name: `content coding ${coding}`,
    path: inferPath,
    headers: { 'content-encoding': coding },
    body,
    status: 200,
    type: json,
    answer: answerOf(),
    ...more,
  });
  const unsupported = { status: 501, type: text, answer: { error: 'Unsupported compression type' } } as const;
  return [
    coded('gzip', gzipSync(sent), {}),
    coded('deflate', gzipSync(sent), { name: 'gzip that is called deflate' }),
    coded('identity', Buffer.from(sent), {}),
    coded('br', Buffer.from(sent), unsupported),
    coded('GZIP', gzipSync(sent), unsupported),
    coded('gzip, deflate', gzipSync(sent), unsupported),
    coded('gzip', Buffer.alloc(0), {
      name: 'nothing in gzip',
      status: 400,
      type: text,
      answer: { error: 'nothing to be decompressed' },
    }),
  ];
}
