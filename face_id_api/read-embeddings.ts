import { ServiceError } from '../detector/errors.ts';
import type { Tensor } from '../triton/core/tensor.ts';
import { toFloat32Array } from '../triton/core/tensor.ts';
import { norm } from './core/similarity.ts';

/** How far an embedding's length may be from 1: FP32 sums leave 1e-6, a model that does not normalise is off by tenths. */
const normTolerance = 1e-3;

/**
 * The `count` vectors of an `OUTPUT__0` tensor FP32 [count, dimension] ([dimension] from a model without batching), copied out
 * of the reply and scaled to length 1 exactly. What Triton says is checked before it is believed.
 * @throws ServiceError INTERNAL for another type or shape, a value that is not finite, or a length that is not 1
 */
export function readEmbeddings(
  output: Tensor | undefined,
  count: number,
  batched: boolean,
  model: { readonly name: string; readonly dimension: number },
): Float32Array[] {
  const { dimension } = model;
  const shape = batched ? [count, dimension] : [dimension];
  const got = output === undefined ? 'no such tensor' : `${output.datatype} [${output.shape}]`;
  if (output === undefined || got !== `FP32 [${shape}]` || output.data.length !== count * dimension * 4) {
    throw unusable(model.name, `expected FP32 [${shape}], got ${got}`);
  }
  const values = toFloat32Array(output.data);
  return Array.from({ length: count }, (_, i) => {
    const vector = values.slice(i * dimension, (i + 1) * dimension);
    const length = norm(vector);
    // Written so that NaN fails too.
    if (!(Math.abs(length - 1) <= normTolerance)) {
      throw unusable(model.name, `expected vectors of length 1, got ${length.toPrecision(4)}`);
    }
    for (let k = 0; k < dimension; k++) vector[k] = vector[k]! / length;
    return vector;
  });
}

function unusable(model: string, reason: string): ServiceError {
  return new ServiceError('INTERNAL', `model '${model}', OUTPUT__0: ${reason}`);
}
