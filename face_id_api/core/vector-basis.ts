import { type KeptMatrix, keepMatrix } from './vector-kernels/keep-matrix.ts';

/** How a gallery keeps its vectors: in the model's own directions, or turned into secret ones. Cosines are the same in both. */
export type VectorBasis = {
  /** The model's vector as it is kept. */
  into(vector: Float32Array): Float32Array;
  /** What is kept as the model's vector, to a few ulps of float32. */
  outOf(vector: Float32Array): Float32Array;
};

/** The model's own directions: vectors as they are, the same objects. */
export const modelBasis: VectorBasis = { into: vector => vector, outOf: vector => vector };

/**
 * Turned by an orthogonal matrix Q: kept is Q·v, and Qᵀ·(Q·v) is v again. Q is held in float32, half the memory that a search has to
 * read, which leaves cosines exact to 1e-7.
 * @param matrix gives Q, row-major, `dimension` × `dimension`; asked for when the first vector comes
 */
export function createTurnedBasis(dimension: number, matrix: () => Float64Array): VectorBasis {
  let kept: KeptMatrix | null = null;
  const turn = (): KeptMatrix => (kept ??= keepMatrix(matrix(), dimension));

  return {
    into: vector => turn().times(vector),
    outOf: vector => turn().transposedTimes(vector),
  };
}
