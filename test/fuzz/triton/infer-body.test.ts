import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInferRequest } from '../../../triton/server/http/infer-request.ts';
import { parseJson } from '../../../triton/server/http/json/parse-json.ts';
import { StatusError } from '../../../triton/server/status-error.ts';
import { observedHttp } from '../../contract/triton/observed-http.ts';
import { fuzz, resultOr } from '../fuzz.ts';
import { mutated } from '../mutate.ts';

const isOurs = (error: unknown): error is StatusError => error instanceof StatusError;
const maxTensorBytes = 1 << 20;

const bodies = observedHttp.flatMap(({ path, body }) => {
  if (!path.endsWith('/infer') || body === undefined) return [];
  const isText = typeof body === 'string' || body instanceof Uint8Array;
  return [new Uint8Array(Buffer.from(isText ? body : JSON.stringify(body)))];
});

/** Read with its JSON ending anywhere. */
async function parses(bytes: Uint8Array, jsonShare: number): Promise<void> {
  const headerLength = Math.floor(bytes.length * jsonShare);
  const body = { model: 'identity', version: '', bytes, headerLength, maxTensorBytes };
  const parsed = await resultOr(() => parseInferRequest(body), isOurs);
  if (parsed instanceof StatusError) return;
  const { inputs, rawInputContents } = parsed.request;
  expect(rawInputContents.length).toBe(inputs.length);
  for (const data of rawInputContents) expect(data.length).toBeLessThanOrEqual(maxTensorBytes);
}

test('a damaged body of an inference is read or refused with a status', async () => {
  const share = fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }));
  await fuzz(fc.tuple(mutated(bodies), share), ([bytes, jsonShare]) => parses(bytes, jsonShare));
});

test('any request of known members with anything in them is read or refused with a status', async () => {
  const scalar = fc.constantFrom<unknown>(null, true, -1, 0, 1, 1.5, 2 ** 53, 1e300, '', 'FP32', 'BYTES', 'BF16', 'x');
  const anything = fc.oneof(scalar, fc.array(scalar, { maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }));
  const key = fc.constantFrom(
    ...['name', 'datatype', 'shape', 'data', 'parameters', 'binary_data_size', 'shared_memory_region', 'binary_data'],
    ...['classification', 'priority', 'timeout', 'sequence_id', 'triton_x', '__proto__', 'constructor', 'length'],
  );
  const members = fc.dictionary(key, fc.oneof(anything, fc.dictionary(key, anything, { maxKeys: 3 })), { maxKeys: 6 });
  const request = fc.record(
    {
      id: anything,
      parameters: members,
      inputs: fc.array(members, { maxLength: 3 }),
      outputs: fc.array(members, { maxLength: 2 }),
    },
    { requiredKeys: ['inputs'] },
  );
  await fuzz(request, value => parses(Buffer.from(JSON.stringify(value)), 1));
});

test('JSON however deep is read or refused with a status', async () => {
  const opening = fc.constantFrom('[', '{"a":', '[1,', '{"data":[');
  await fuzz(fc.tuple(opening, fc.integer({ min: 1, max: 100_000 })), async ([piece, times]) => {
    const depth = await resultOr(() => parseJson(Buffer.from(piece.repeat(times)), { spanned: 'data' }), isOurs);
    expect(depth).toBeInstanceOf(StatusError);
  });
});
