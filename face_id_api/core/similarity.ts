/**
 * Cosine similarity of two unit vectors: their dot product over `dimension` elements from each offset, kept within [-1, 1]
 * against rounding.
 */
export function cosine(a: Float32Array, aOffset: number, b: Float32Array, bOffset: number, dimension: number): number {
  // Four sums, because one would wait for itself at every addition.
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < dimension; i += 4) {
    s0 += a[aOffset + i]! * b[bOffset + i]!;
    s1 += a[aOffset + i + 1]! * b[bOffset + i + 1]!;
    s2 += a[aOffset + i + 2]! * b[bOffset + i + 2]!;
    s3 += a[aOffset + i + 3]! * b[bOffset + i + 3]!;
  }
  for (; i < dimension; i++) s0 += a[aOffset + i]! * b[bOffset + i]!;
  return Math.min(1, Math.max(-1, s0 + s1 + s2 + s3));
}

/** Euclidean distance of two unit vectors by their cosine, |a − b|² = 2 − 2 a·b; from 0 to 2. */
export function distanceOfCosine(cosine: number): number {
  return Math.sqrt(2 - 2 * cosine);
}

/** Euclidean length; NaN where an element is. */
export function norm(vector: Float32Array | Float64Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  return Math.sqrt(sum);
}
