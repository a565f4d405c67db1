/** A row that keeps less than this of its length has lost digits to the subtraction, and is made orthogonal once more (Daniel and others 1976). */
const mostLost = 0.1;

/**
 * A random orthogonal matrix, row-major, even over all of them (Haar measure): the Gram-Schmidt process on rows of normal values. Its
 * R has a positive diagonal, which is what makes Q even (Mezzadri 2007, "How to generate random matrices from the classical compact
 * groups"). QᵀQ is the identity to about 1e-14.
 * @param uniform values in [0, 1), two of them for each element; the same ones give the same matrix
 */
export function haarMatrix(dimension: number, uniform: () => number): Float64Array {
  const matrix = Float64Array.from({ length: dimension * dimension }, () => normal(uniform));
  for (let row = 0; row < matrix.length; row += dimension) {
    for (let before = norm(matrix, row, dimension); ; ) {
      for (let other = 0; other < row; other += dimension) subtractProjection(matrix, row, other, dimension);
      const after = norm(matrix, row, dimension);
      if (after > mostLost * before) break;
      before = after;
    }
    const length = norm(matrix, row, dimension);
    for (let k = 0; k < dimension; k++) matrix[row + k]! /= length;
  }
  return matrix;
}

/** From the row at one place, what lies along the unit row at another. */
function subtractProjection(matrix: Float64Array, row: number, unit: number, dimension: number): void {
  let share = 0;
  for (let k = 0; k < dimension; k++) share += matrix[row + k]! * matrix[unit + k]!;
  for (let k = 0; k < dimension; k++) matrix[row + k]! -= share * matrix[unit + k]!;
}

function norm(matrix: Float64Array, row: number, dimension: number): number {
  let sum = 0;
  for (let k = 0; k < dimension; k++) sum += matrix[row + k]! * matrix[row + k]!;
  return Math.sqrt(sum);
}

/** Box and Muller's transform. */
function normal(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
