import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, TensorProto_DataType } from '../../../../proto/gen/onnx_pb.ts';
import type { KnownModel } from '../../../../triton/build/registry/known-model.ts';
import type { Sources } from '../../../../triton/build/sources/source.ts';

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

export const tinyWeights = new Map([
  ['a.bin', new TextEncoder().encode('weights a')],
  ['b.bin', new TextEncoder().encode('weights b')],
]);

type TensorSpec = readonly [name: string, type: keyof typeof TensorProto_DataType, shape: readonly number[]];

/** An ONNX file that has nothing but these inputs and outputs; -1 is a symbolic dimension. */
export function emptyGraph(inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): Uint8Array {
  const toInfo = ([name, type, shape]: TensorSpec) => ({
    name,
    type: {
      value: {
        case: 'tensorType' as const,
        value: {
          elemType: TensorProto_DataType[type],
          shape: {
            dim: shape.map(size => ({
              value:
                size === -1
                  ? { case: 'dimParam' as const, value: 'n' }
                  : { case: 'dimValue' as const, value: BigInt(size) },
            })),
          },
        },
      },
    },
  });
  const graph = { name: 'tiny', input: inputs.map(toInfo), output: outputs.map(toInfo) };
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n, graph }));
}

/** An embedder whose graph does nothing: enough for all that happens around it. */
export function tinyModel(changes: Partial<KnownModel> = {}): KnownModel {
  return {
    name: 'tiny',
    purpose: 'for tests',
    kind: 'embedder',
    testOnly: false,
    licence: 'none',
    commercial: true,
    commercialNote: 'It is ours.',
    weights: [...tinyWeights].map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: sha256(bytes) })),
    places: [
      { kind: 'mirror', folder: 'tiny' },
      { kind: 'npm', package: 'tiny', version: '1.0.0', folder: 'model' },
    ],
    crop: 'arcface_112',
    pixels: 'RGB',
    pixelSpec: { mean: 127.5, divisor: 128 },
    canMirrorCrop: true,
    fallback: null,
    revision: 1,
    build: () => [
      {
        path: '1/model.onnx',
        bytes: emptyGraph([['INPUT__0', 'UINT8', [-1, 3, 112, 112]]], [['OUTPUT__0', 'FLOAT', [-1, 4]]]),
      },
    ],
    ...changes,
  };
}

/** A detector of two files, one of them built from the weights as they are. */
export function tinyDetector(changes: Partial<KnownModel> = {}): KnownModel {
  return tinyModel({
    name: 'tiny_detector',
    kind: 'detector',
    crop: null,
    pixelSpec: null,
    canMirrorCrop: false,
    build: () => [
      { path: 'p.onnx', bytes: emptyGraph([['input', 'FLOAT', [-1, 3, -1, -1]]], [['faces', 'FLOAT', [-1, 2]]]) },
      { path: 'r.onnx', bytes: emptyGraph([['input', 'FLOAT', [-1, 3, 24, 24]]], [['faces', 'FLOAT', [-1, 2]]]) },
    ],
    ...changes,
  });
}

/** Sources that deliver the tiny weights from the first place, and count how often they are asked. */
export function tinySources(): Sources & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  return {
    asked,
    locate: place => place.kind,
    has: () => true,
    async fetch(place, { onBytes }) {
      asked.push(place.kind);
      onBytes(18);
      return { ok: true, files: tinyWeights };
    },
  };
}

/** Sources of a machine that has nothing. */
export const emptySources: Sources = {
  locate: place => place.kind,
  has: () => true,
  fetch: async place => ({ ok: false, reason: `no ${place.kind} here`, remedy: `plug the ${place.kind} in` }),
};

/** Sources that must not be asked. */
export const offline: Sources = {
  locate: place => place.kind,
  has: () => true,
  fetch: () => {
    throw new Error('a source was asked');
  },
};
