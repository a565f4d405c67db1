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
 * @param matrix gives Q, row-major; asked for when the first vector comes
 */
export function createTurnedBasis(matrix: () => Float64Array): VectorBasis {
  let rows: Float32Array | null = null;

  return {
    into(vector) {
      rows ??= Float32Array.from(matrix());
      return multiply(rows, vector);
    },
    outOf(vector) {
      rows ??= Float32Array.from(matrix());
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

/** Four rows at a time, because a sum by itself would wait for itself at every addition; what is left over row by row. */
function multiply(rows: Float32Array, vector: Float32Array): Float32Array {
  const size = vector.length;
  const values = new Float64Array(vector);
  const product = new Float32Array(size);
  let i = 0;
  for (; i + 3 < size; i += 4) {
    const r0 = i * size;
    const r1 = r0 + size;
    const r2 = r1 + size;
    const r3 = r2 + size;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let k = 0; k < size; k++) {
      const value = values[k]!;
      s0 += rows[r0 + k]! * value;
      s1 += rows[r1 + k]! * value;
      s2 += rows[r2 + k]! * value;
      s3 += rows[r3 + k]! * value;
    }
    product[i] = s0;
    product[i + 1] = s1;
    product[i + 2] = s2;
    product[i + 3] = s3;
  }
  for (; i < size; i++) {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += rows[i * size + k]! * values[k]!;
    product[i] = sum;
  }
  return product;
}
