export type LumaStatistics = {
  /** In [0, 255]. */
  readonly mean: number;
  readonly deviation: number;
  /**
   * How fine the edges are, in the direction in which they are coarsest: root mean square of the gradient's spatial frequency, in radians a
   * pixel. 0 where all is even.
   */
  readonly edgeFrequency: number;
  /** Standard deviation of the noise, in luma. */
  readonly noise: number;
};

/**
 * Measures a square patch of luma of at least 3 × 3; pixels that are NaN, and what is beside them, are left out.
 *
 * The frequency along a direction is √(Σ I″² / Σ I′²), by Parseval's theorem the root mean square frequency of the gradient. Unlike the
 * variance of the Laplacian (J. L. Pech-Pacheco and others, "Diatom autofocusing in brightfield microscopy", 2000) it does not depend on
 * contrast or light, only on how wide the edges are; and of four directions the coarsest sees a movement, which leaves the edges along it
 * as sharp as they were. Noise: J. Immerkær, "Fast noise variance estimation", 1996.
 */
export function lumaStatistics(patch: Float32Array): LumaStatistics {
  const { mean, deviation } = momentsOf(patch);
  const side = Math.sqrt(patch.length);
  const directions = [1, side, side + 1, side - 1].map(step => ({ step, first: 0, second: 0 }));
  let [count, structure] = [0, 0];
  for (let row = 1; row < side - 1; row++) {
    for (let i = row * side + 1; i < row * side + side - 1; i++) {
      const twice = 2 * patch[i]!;
      const straight = patch[i - 1]! + patch[i + 1]! + patch[i - side]! + patch[i + side]!;
      const across = patch[i - side - 1]! + patch[i - side + 1]! + patch[i + side - 1]! + patch[i + side + 1]!;
      const residue = across - 2 * straight + 2 * twice;
      if (Number.isNaN(residue)) continue;
      count += 1;
      structure += Math.abs(residue);
      for (const direction of directions) {
        const before = patch[i - direction.step]!;
        const after = patch[i + direction.step]!;
        direction.first += ((after - before) / 2) ** 2;
        direction.second += (after + before - twice) ** 2;
      }
    }
  }
  const frequencies = directions.map(({ first, second }, i) => {
    const length = i < 2 ? 1 : Math.SQRT2;
    return first === 0 ? 0 : Math.sqrt(second / first) / length;
  });
  const noise = count === 0 ? 0 : (Math.sqrt(Math.PI / 2) / 6) * (structure / count);
  return { mean, deviation, edgeFrequency: Math.min(...frequencies), noise };
}

function momentsOf(patch: Float32Array): { mean: number; deviation: number } {
  let [count, sum, squares] = [0, 0, 0];
  for (const value of patch) {
    if (Number.isNaN(value)) continue;
    count += 1;
    sum += value;
    squares += value * value;
  }
  if (count === 0) return { mean: 0, deviation: 0 };
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}
