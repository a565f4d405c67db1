import type { JobContext } from '../triton/onnx-pool/job.ts';

/** A float32 output of a network. */
export type NetOutput = { readonly data: Float32Array; readonly shape: readonly number[] };

/**
 * A network with one input named `input`, of float32 or uint8: values for the latter are rounded. The input is read before the
 * promise settles and never written.
 */
export type OnnxNet = (input: Float32Array, shape: readonly number[]) => Promise<ReadonlyMap<string, NetOutput>>;

/** The network in `modelPath` on this worker's session. Throws when an output is not float32. */
export async function openOnnxNet(context: JobContext, modelPath: string): Promise<OnnxNet> {
  const session = await context.session(modelPath);
  const [metadata] = session.inputMetadata;
  const wantsBytes = metadata?.isTensor === true && metadata.type === 'uint8';
  return async (values, shape) => {
    const input = wantsBytes
      ? new context.Tensor('uint8', roundToBytes(values), shape)
      : new context.Tensor('float32', values, shape);
    const results = await session.run({ input });
    const outputs = new Map<string, NetOutput>();
    for (const [name, tensor] of Object.entries(results)) {
      if (!(tensor.data instanceof Float32Array)) {
        throw new Error(`output '${name}': expected float32, got ${tensor.type}`);
      }
      outputs.set(name, { data: tensor.data, shape: tensor.dims });
    }
    return outputs;
  };
}

function roundToBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) bytes[i] = values[i]! + 0.5;
  return bytes;
}

/** The output `name` with the shape that is expected of it; -1 stands for any length. Throws when it is absent or differs. */
export function takeOutput(
  outputs: ReadonlyMap<string, NetOutput>,
  name: string,
  expected: readonly number[],
): NetOutput {
  const output = outputs.get(name);
  if (!output) throw new Error(`output '${name}': expected it, got ${[...outputs.keys()].join(', ')}`);
  const fits =
    output.shape.length === expected.length &&
    expected.every((length, axis) => length === -1 || length === output.shape[axis]);
  if (!fits) throw new Error(`output '${name}': expected shape [${expected}], got [${output.shape}]`);
  return output;
}
