import type { Job } from '../../triton/onnx-pool/job.ts';

export type BareInput = {
  readonly modelPath: string;
  readonly name: string;
  readonly datatype: 'FP32' | 'UINT8';
  /** With the batch. */
  readonly dims: readonly number[];
  readonly ms: number;
};

/** Runs a model over and over where the server's batches run, and nothing else. Rows a second. */
const runBare: Job<BareInput, number> = async ({ modelPath, name, datatype, dims, ms }, context) => {
  const session = await context.session(modelPath);
  const count = dims.reduce((product, size) => product * size, 1);
  const tensor =
    datatype === 'FP32'
      ? new context.Tensor(
          'float32',
          Float32Array.from({ length: count }, (_, i) => (i % 251) / 251),
          dims,
        )
      : new context.Tensor(
          'uint8',
          Uint8Array.from({ length: count }, (_, i) => i % 251),
          dims,
        );
  await session.run({ [name]: tensor });
  const began = performance.now();
  let runs = 0;
  while (performance.now() - began < ms) {
    await session.run({ [name]: tensor });
    runs += 1;
  }
  return { output: (1000 * runs * (dims[0] ?? 1)) / (performance.now() - began) };
};

export default runBare;
