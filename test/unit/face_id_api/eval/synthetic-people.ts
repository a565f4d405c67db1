import type { PairList } from '../../../../face_id_api/eval/lfw-folder.ts';

const dimension = 24;

/** A list over made-up people with two photos each, and their unit vectors; deterministic. */
export function syntheticPeople(count: number, firstPerson = 0) {
  const random = uniform(firstPerson + 1);
  const embeddings = new Map<string, Float32Array>();
  const names = Array.from({ length: count }, (_, person) => `P${firstPerson + person}`);
  for (const name of names) {
    const centre = Array.from({ length: dimension }, () => random() - 0.5);
    for (const photo of [1, 2]) {
      embeddings.set(photoOf(name, photo), unit(centre.map(value => value + 0.3 * (random() - 0.5))));
    }
  }
  const pairs = [
    ...names.map(name => ({ first: photoOf(name, 1), second: photoOf(name, 2), samePerson: true })),
    ...names.map((name, i) => ({
      first: photoOf(name, 1),
      second: photoOf(names[(i + 1) % count]!, 2),
      samePerson: false,
    })),
  ].map((pair, index) => ({ ...pair, set: 0, line: index + 2 }));
  const list: PairList = { name: `from-${firstPerson}.txt`, sets: 1, pairs };
  return { list, embeddings };
}

export function photoOf(name: string, photo: number): string {
  return `${name}/${name}_000${photo}.jpg`;
}

function unit(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector);
  return Float32Array.from(vector, value => value / length);
}

/** Numbers in [0, 1) from the linear congruential generator of Numerical Recipes. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
