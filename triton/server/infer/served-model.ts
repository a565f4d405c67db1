import type { ModelConfig } from '../../../proto/gen/model_config_pb.ts';
import type { OnnxDatatype } from '../../onnx-pool/onnx-datatype.ts';

/** A tensor as the configuration declares it: dimensions without the batch, -1 where they vary. */
export type TensorSpec = {
  readonly name: string;
  readonly datatype: OnnxDatatype;
  readonly dims: readonly number[];
  /** Of an output whose elements are classes: their names, by index. */
  readonly labels?: readonly string[];
};

/** One version of a model that can be served: its completed configuration, checked against its ONNX graph. */
export type ServedModel = {
  readonly name: string;
  readonly version: string;
  readonly modelPath: string;
  /** Of this load's sessions: the same file may be loaded again, changed, while they still answer. */
  readonly sessionId: string;
  readonly config: ModelConfig;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
};

/** An input of a request that has been checked: its bytes are exactly those of its shape (batch dimension included). */
export type CheckedInput = { readonly shape: readonly number[]; readonly data: Uint8Array };

/** A request that has been checked against its model and only needs to be run. */
export type CheckedRequest = {
  readonly id: string;
  /** Rows that it brings to a batch; 0 for a model that does not batch. */
  readonly batchSize: number;
  /** Equal for requests whose inputs can be concatenated along the batch dimension. */
  readonly shapeKey: string;
  /** In the order of the model's inputs. */
  readonly inputs: readonly CheckedInput[];
  /** Names of the outputs that are wanted, in the model's order. */
  readonly outputs: readonly string[];
  /** Bytes of all inputs. */
  readonly bytes: number;
  /** Memory that holds this request's message and nothing else, where there is such: it may travel to a worker thread. */
  readonly buffer: ArrayBuffer | undefined;
  /** How long it allows itself to wait, in milliseconds; 0: says nothing. */
  readonly timeoutMs: number;
};

/** One request's part of a batch's outputs; `data` is a view into the batch's. */
export type OutputTensor = {
  readonly name: string;
  readonly datatype: OnnxDatatype;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
};

/** Texts of Triton's core begin with the request's id. */
export function requestPrefix(id: string): string {
  return `[request id: ${id || '<id_unknown>'}]`;
}
