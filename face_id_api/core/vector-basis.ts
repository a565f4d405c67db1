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
 * Turned by an orthogonal matrix Q: kept is Q·v, and Qᵀ·(Q·v) is v again.
 * @param matrix gives Q, row-major; asked for when the first vector comes
 */
export function createTurnedBasis(matrix: () => Float64Array): VectorBasis {
  let rows: Float64Array | null = null;

  return {
    into(vector) {
      rows ??= matrix();
      const turned = new Float32Array(vector.length);
      for (let i = 0; i < vector.length; i++) turned[i] = rowTimes(rows, i * vector.length, vector);
      return turned;
    },
    outOf(vector) {
      rows ??= matrix();
      const sums = new Float64Array(vector.length);
      for (let i = 0; i < vector.length; i++) {
        const value = vector[i]!;
        const start = i * vector.length;
        for (let k = 0; k < sums.length; k++) sums[k]! += value * rows[start + k]!;
      }
      return Float32Array.from(sums);
    },
  };
}

/** Four sums, because one would wait for itself at every addition. */
function rowTimes(rows: Float64Array, start: number, vector: Float32Array): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < vector.length; k += 4) {
    s0 += rows[start + k]! * vector[k]!;
    s1 += rows[start + k + 1]! * vector[k + 1]!;
    s2 += rows[start + k + 2]! * vector[k + 2]!;
    s3 += rows[start + k + 3]! * vector[k + 3]!;
  }
  for (; k < vector.length; k++) s0 += rows[start + k]! * vector[k]!;
  return s0 + s1 + s2 + s3;
}
