import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { ModelInferResponseSchema } from '../../../../../proto/gen/grpc_service_pb.ts';
import { parseInferRequest } from '../../../../../triton/server/http/infer-request.ts';
import { inferReply } from '../../../../../triton/server/http/infer-response.ts';

const answer = (datatype: string, data: Uint8Array) =>
  create(ModelInferResponseSchema, { outputs: [{ name: 'OUT', datatype, shape: [1n] }], rawOutputContents: [data] });

it('sends binary outputs as they are, uncopied', () => {
  const data = new Uint8Array(1000);
  expect(inferReply(answer('UINT8', data), () => true).body[1]).toBe(data);
});

it('takes binary inputs as views into the body', () => {
  const json = '{"inputs":[{"name":"IN","datatype":"UINT8","shape":[3],"parameters":{"binary_data_size":3}}]}';
  const bytes = Buffer.concat([Buffer.from(json), Uint8Array.of(1, 2, 3)]);
  const body = { model: 'm', version: '', bytes, headerLength: json.length, maxTensorBytes: 100 };
  const [data] = parseInferRequest(body).request.rawInputContents;
  expect(data).toEqual(Buffer.of(1, 2, 3));
  expect(data?.buffer).toBe(bytes.buffer);
});

it.each(['FP16', 'BF16'])('refuses to send %s in JSON, in the words of Triton', datatype => {
  expect(() => inferReply(answer(datatype, new Uint8Array(2)), () => false)).toThrow(
    `sending ${datatype} data via JSON is not supported. Please use the binary data format for output`,
  );
});

it('says INTERNAL where a model answers strings that are none', () => {
  expect(() => inferReply(answer('BYTES', Uint8Array.of(9, 0, 0, 0, 65)), () => false)).toThrow(
    expect.objectContaining({ code: 'INTERNAL' }),
  );
});
