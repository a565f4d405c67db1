import type { ModelFiles } from './fixture-repository.ts';
import { ElementType, onnxModel } from './onnx-model.ts';

const { FLOAT } = ElementType;

/** The protocol's datatypes that ONNX Runtime's binding has tensors of, beside their names in configurations and in ONNX. */
const types: readonly (readonly [datatype: string, configType: string, onnxType: ElementType])[] = [
  ['BOOL', 'TYPE_BOOL', ElementType.BOOL],
  ['UINT8', 'TYPE_UINT8', ElementType.UINT8],
  ['INT8', 'TYPE_INT8', ElementType.INT8],
  ['UINT16', 'TYPE_UINT16', ElementType.UINT16],
  ['INT16', 'TYPE_INT16', ElementType.INT16],
  ['FP16', 'TYPE_FP16', ElementType.FLOAT16],
  ['UINT32', 'TYPE_UINT32', ElementType.UINT32],
  ['INT32', 'TYPE_INT32', ElementType.INT32],
  ['FP32', 'TYPE_FP32', FLOAT],
  ['UINT64', 'TYPE_UINT64', ElementType.UINT64],
  ['INT64', 'TYPE_INT64', ElementType.INT64],
  ['FP64', 'TYPE_FP64', ElementType.DOUBLE],
  ['BYTES', 'TYPE_STRING', ElementType.STRING],
];

const matrix = (name: string) => ({ name, type: FLOAT, dims: ['n', 'n'] });

/** Models for what is asked of every RPC; those of `fixture-repository.ts` are for ModelInfer. */
export const rpcModels: Readonly<Record<string, ModelFiles>> = {
  ...Object.fromEntries(types.map(([name, type, onnxType]) => [`id_${name}`, identity(type, onnxType, 8)])),
  strings: identity('TYPE_STRING', ElementType.STRING, 0),
  counted: identity('TYPE_FP32', FLOAT, 8),
  counted_alone: identity('TYPE_FP32', FLOAT, 0),
  labelled: {
    ...identity('TYPE_FP32', FLOAT, 8, 'label_filename: "labels.txt"'),
    files: { 'labels.txt': 'cat\ndog\n\nbird\n' },
  },
  // The more rows, the longer it takes: eight products of square matrices.
  slow: {
    config: `
      backend: "onnxruntime"
      max_batch_size: 0
      input [ { name: "IN" data_type: TYPE_FP32 dims: [ -1, -1 ] } ]
      output [ { name: "OUT" data_type: TYPE_FP32 dims: [ -1, -1 ] } ]
      instance_group [ { count: 1 kind: KIND_CPU } ]`,
    versions: {
      1: onnxModel(
        [matrix('IN')],
        [matrix('OUT')],
        Array.from({ length: 8 }, (_, index) => ({
          op: 'MatMul',
          inputs: [index === 0 ? 'IN' : `p${index}`, 'IN'],
          outputs: [index === 7 ? 'OUT' : `p${index + 1}`],
        })),
      ),
    },
  },
};

function identity(type: string, onnxType: ElementType, maxBatchSize: number, output = ''): ModelFiles {
  const dims = maxBatchSize > 0 ? ['n', 'm'] : ['m'];
  const value = (name: string) => ({ name, type: onnxType, dims });
  return {
    config: `
      backend: "onnxruntime"
      max_batch_size: ${maxBatchSize}
      input [ { name: "IN" data_type: ${type} dims: [ -1 ] } ]
      output [ { name: "OUT" data_type: ${type} dims: [ -1 ] ${output} } ]
      instance_group [ { count: 1 kind: KIND_CPU } ]
      ${maxBatchSize > 0 ? 'dynamic_batching { }' : ''}`,
    versions: { 1: onnxModel([value('IN')], [value('OUT')], [{ op: 'Identity', inputs: ['IN'], outputs: ['OUT'] }]) },
  };
}
