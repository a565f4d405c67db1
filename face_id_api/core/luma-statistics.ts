export type LumaStatistics = {
  /** Of what was measured, in [0, 255]. */
  readonly mean: number;
  readonly deviation: number;
  /** How fine the edges are: root mean square of their spatial frequency, in radians a pixel. 0 where all is even. */
  readonly edgeFrequency: number;
};

/**
 * Brightness, contrast and fineness of a square patch of luma; pixels that are NaN, and edges beside them, are left out. Fineness is
 * √(Σ(ΔI)² / Σ|∇I|²), the energy of the Laplacian against that of the gradient: by Parseval's theorem the mean square frequency of the
 * gradient. Unlike the variance of the Laplacian (J. L. Pech-Pacheco and others, "Diatom autofocusing in brightfield microscopy", 2000)
 * it does not depend on the contrast or the light, only on how wide the edges are.
 */
export function lumaStatistics(patch: Float32Array): LumaStatistics {
  const side = Math.sqrt(patch.length);
  let [count, sum, squares, gradients, laplacians] = [0, 0, 0, 0, 0];
  for (let i = 0; i < patch.length; i++) {
    const middle = patch[i]!;
    if (Number.isNaN(middle)) continue;
    count += 1;
    sum += middle;
    squares += middle * middle;
    const column = i % side;
    if (column === 0 || column === side - 1 || i < side || i >= patch.length - side) continue;
    const across = patch[i + 1]! - patch[i - 1]!;
    const down = patch[i + side]! - patch[i - side]!;
    const laplacian = patch[i + 1]! + patch[i - 1]! + patch[i + side]! + patch[i - side]! - 4 * middle;
    if (Number.isNaN(laplacian)) continue;
    gradients += (across * across + down * down) / 4;
    laplacians += laplacian * laplacian;
  }
  if (count === 0) return { mean: 0, deviation: 0, edgeFrequency: 0 };
  const mean = sum / count;
  const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
  return { mean, deviation, edgeFrequency: gradients === 0 ? 0 : Math.sqrt(laplacians / gradients) };
}
