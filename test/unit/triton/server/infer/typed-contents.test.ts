import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { InferTensorContentsSchema } from '../../../../../proto/gen/grpc_service_pb.ts';
import { typedContents } from '../../../../../triton/server/infer/typed-contents.ts';

type Init = MessageInitShape<typeof InferTensorContentsSchema>;

const hex = (init: Init, datatype: string): string => {
  const contents = typedContents(create(InferTensorContentsSchema, init), datatype);
  return 'data' in contents ? Buffer.from(contents.data).toString('hex') : `found ${contents.found}`;
};

describe('typed contents', () => {
  it.each<[string, Init, string]>([
    ['BOOL', { boolContents: [true, false] }, '0100'],
    ['INT8', { intContents: [1, -1, 200] }, '01ffc8'],
    ['INT16', { intContents: [1, -2] }, '0100feff'],
    ['INT32', { intContents: [-2] }, 'feffffff'],
    ['INT64', { int64Contents: [1n, -2n] }, '0100000000000000feffffffffffffff'],
    ['UINT8', { uintContents: [255, 300] }, 'ff2c'],
    ['UINT16', { uintContents: [65535] }, 'ffff'],
    ['UINT32', { uintContents: [4294967295] }, 'ffffffff'],
    ['UINT64', { uint64Contents: [2n ** 64n - 1n] }, 'ffffffffffffffff'],
    ['FP32', { fp32Contents: [1, -2] }, '0000803f000000c0'],
    ['FP64', { fp64Contents: [1] }, '000000000000f03f'],
    ['BYTES', { bytesContents: [Uint8Array.of(97, 98), new Uint8Array()] }, '02000000616200000000'],
  ])('of %s become its little-endian bytes', (datatype, init, bytes) => {
    expect(hex(init, datatype)).toBe(bytes);
  });

  it('are no bytes when they are empty, whatever the tensor declares', () => {
    expect([hex({}, 'FP32'), hex({}, 'FP16'), hex({}, '<invalid>')]).toEqual(['', '', '']);
  });

  it('are refused in a field of another kind, by the widest type of that field', () => {
    expect(hex({ intContents: [1] }, 'FP32')).toBe('found INT32');
    expect(hex({ uintContents: [1] }, 'INT8')).toBe('found UINT32');
    expect(hex({ fp32Contents: [1], bytesContents: [new Uint8Array()] }, 'FP32')).toBe('found BYTES');
  });
});
