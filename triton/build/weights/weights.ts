import { WeightsError } from './weights-error.ts';

/** A tensor of a trained network, row-major, whatever it was stored as. `data.length` is the product of `shape`. */
export type Weight = { readonly shape: readonly number[]; readonly data: Float32Array };

/** A network's tensors by the name that its publisher gave them. */
export type Weights = ReadonlyMap<string, Weight>;

/** The weight of this name. Throws a WeightsError when it is absent or has another shape: these are not the network's weights. */
export function takeWeight(weights: Weights, name: string, shape: readonly number[]): Weight {
  const weight = weights.get(name);
  const expected = `[${shape.join(',')}]`;
  if (weight === undefined) throw new WeightsError(`weight '${name}': expected shape ${expected}, got no such weight`);
  if (weight.shape.length !== shape.length || weight.shape.some((size, axis) => size !== shape[axis])) {
    throw new WeightsError(`weight '${name}': expected shape ${expected}, got [${weight.shape.join(',')}]`);
  }
  return weight;
}
