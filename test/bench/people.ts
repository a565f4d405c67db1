import { seeded } from '../seeded.ts';

/**
 * Made-up people whose vectors lie as mobilefacenet's do behind mtcnn on LFW (docs/evaluation.md, data/calibration): the thresholds at
 * FMR 1e-2 and 1e-3 (0.2516, 0.3349) are those of a normal distribution of cosines between two people with mean 0 and deviation 0.109,
 * which isotropic vectors of 1 / 0.109² = 84 dimensions have; the FNMR at 0.3349 and 0.4035 (1.18 %, 3.00 %) are those of one with mean
 * 0.74 and deviation 0.18 between photos of a person. So a photo is a · person + √(1 − a²) · chance, with a normal of mean 0.86 and
 * deviation 0.14, for which two photos' a₁a₂ has that mean and that deviation.
 */
export type People = {
  readonly dimension: number;
  /** The photo `n` of a person; the same for the same numbers. */
  photo(person: number, n: number): Float32Array;
};

const effectiveDimensions = 84;
const likeness = { mean: 0.86, deviation: 0.14, least: 0.2, most: 0.99 };

export function createPeople(dimension: number): People {
  const scales = spectrum(dimension);

  function draw(random: () => number): Float64Array {
    const values = new Float64Array(dimension);
    for (let i = 0; i < dimension; i++) values[i] = normal(random) * scales[i]!;
    return values;
  }

  return {
    dimension,
    photo(person, n) {
      const face = draw(seeded(person * 2 + 1));
      const random = seeded((person * 64 + n) * 2 + 0x40000000);
      const a = Math.min(likeness.most, Math.max(likeness.least, likeness.mean + likeness.deviation * normal(random)));
      const chance = draw(random);
      const rest = Math.sqrt(1 - a * a);
      const values = Float32Array.from(face, (value, i) => a * value + rest * chance[i]!);
      const length = Math.hypot(...values);
      return values.map(value => value / length);
    },
  };
}

/** Deviations r^(i/2), with the r whose participation ratio (Σλ)² / Σλ² is the effective number of dimensions; of length 1. */
function spectrum(dimension: number): Float64Array {
  let low = 0.5;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const ratio = (low + high) / 2;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < dimension; i++) {
      sum += ratio ** i;
      squares += ratio ** (2 * i);
    }
    if ((sum * sum) / squares < effectiveDimensions) low = ratio;
    else high = ratio;
  }
  const scales = Float64Array.from({ length: dimension }, (_, i) => low ** (i / 2));
  const length = Math.hypot(...scales);
  return scales.map(value => value / length);
}

/** Box and Muller's transform. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
