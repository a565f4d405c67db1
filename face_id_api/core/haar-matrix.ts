/** One pass leaves rounding where rows are nearly parallel, two do not (Giraud and others 2005: twice is enough). */
const passes = 2;

/**
 * A random orthogonal matrix, row-major, even over all of them (Haar measure): the Gram-Schmidt process on rows of normal values. Its
 * R has a positive diagonal, which is what makes Q even (Mezzadri 2007, "How to generate random matrices from the classical compact
 * groups"). QᵀQ is the identity to about 1e-15.
 * @param uniform values in [0, 1), two of them for each element or more; the same ones give the same matrix
 */
export function haarMatrix(dimension: number, uniform: () => number): Float64Array {
  const matrix = Float64Array.from({ length: dimension * dimension }, () => normal(uniform));
  for (let i = 0; i < dimension; i++) {
    const row = matrix.subarray(i * dimension, (i + 1) * dimension);
    for (let pass = 0; pass < passes; pass++) {
      for (let j = 0; j < i; j++) subtractProjection(row, matrix.subarray(j * dimension, (j + 1) * dimension));
    }
    const length = Math.sqrt(dot(row, row));
    for (let k = 0; k < dimension; k++) row[k]! /= length;
  }
  return matrix;
}

function subtractProjection(row: Float64Array, unit: Float64Array): void {
  const share = dot(row, unit);
  for (let k = 0; k < row.length; k++) row[k]! -= share * unit[k]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

/** Box and Muller's transform. */
function normal(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
