import { InferenceSession, Tensor } from 'onnxruntime-node';

export type Output = { readonly shape: readonly number[]; readonly data: Float32Array };

/** Runs a model once in a session of its own. Uint8Array pixels become a UINT8 tensor, Float32Array ones an FP32 tensor. */
export async function runOnnx(
  model: Uint8Array,
  input: { readonly name: string; readonly shape: readonly number[]; readonly data: Uint8Array | Float32Array },
): Promise<ReadonlyMap<string, Output>> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    const shape = [...input.shape];
    const tensor =
      input.data instanceof Uint8Array
        ? new Tensor('uint8', input.data, shape)
        : new Tensor('float32', input.data, shape);
    const results = await session.run({ [input.name]: tensor });
    return new Map(
      Object.entries(results).map(([name, { dims, data }]) => {
        if (!(data instanceof Float32Array)) throw new TypeError(`output '${name}': expected float32`);
        return [name, { shape: dims, data }];
      }),
    );
  } finally {
    await session.release();
  }
}

/** The largest absolute difference; NaN where the lengths differ, so that no comparison with it holds. */
export function maxDifference(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < got.length; i++) largest = Math.max(largest, Math.abs(got[i]! - expected[i]!));
  return largest;
}
