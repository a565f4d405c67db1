import { cosine } from './similarity.ts';

export type FaceCluster = {
  /** Places in what was given, ascending. */
  readonly members: readonly number[];
  /** Mean cosine of its pairs, up to rounding; 1 for a single member. */
  readonly cohesion: number;
};

/** `mean` is that of the members' vectors, not of length 1: the dot product of two means is the mean cosine over all pairs between. */
type Node = { readonly mean: Float32Array; readonly members: readonly number[] };

/**
 * Groups unit vectors by average linkage: two groups become one as long as the mean cosine between their members reaches the
 * threshold, the nearest first. Unlike connected components it makes no chains, in which one face in between would join two people.
 * Components come first all the same: a mean that reaches the threshold has a pair that does, so that no group lies in two of them, and
 * most are small. Yields after every look at all faces, so that others may have a turn. Largest first, then by the first member.
 */
export function* clusterFaces(vectors: readonly Float32Array[], threshold: number): Generator<void, FaceCluster[]> {
  const groups: Node[] = [];
  for (const places of yield* componentsOf(vectors, threshold)) {
    groups.push(...(yield* averageLinkage(vectors, places, threshold)));
  }
  return groups.map(toCluster).sort((a, b) => b.members.length - a.members.length || a.members[0]! - b.members[0]!);
}

/** Places that a chain of pairs joins, each of which reaches the threshold, up to rounding. */
function* componentsOf(vectors: readonly Float32Array[], threshold: number): Generator<void, number[][]> {
  const dimension = vectors[0]?.length ?? 0;
  // One after another in memory, which half of the time here goes into otherwise.
  const all = new Float32Array(vectors.length * dimension);
  for (const [i, vector] of vectors.entries()) all.set(vector, i * dimension);
  const parents = Int32Array.from(vectors, (_, place) => place);
  const rootOf = (place: number): number => {
    let root = place;
    for (let parent = parents[root]!; parent !== root; parent = parents[root]!) {
      // Halves the way for who comes next.
      parents[root] = parents[parent]!;
      root = parent;
    }
    return root;
  };
  for (let a = 0; a < vectors.length; a++) {
    let root = a;
    for (let b = 0; b < a; b++) {
      const other = rootOf(b);
      if (other === root || cosine(all, a * dimension, all, b * dimension, dimension) < threshold - 1e-6) continue;
      parents[root] = other;
      root = other;
    }
    yield;
  }
  const components = new Map<number, number[]>();
  for (let place = 0; place < vectors.length; place++) {
    const root = rootOf(place);
    const known = components.get(root);
    if (known === undefined) components.set(root, [place]);
    else known.push(place);
  }
  return [...components.values()];
}

/**
 * By chains of nearest neighbours (Murtagh 1983), which need no matrix: a group that nobody is near enough to is settled at once, since
 * a merger of others is no nearer to it than the nearer of the two was.
 */
function* averageLinkage(
  vectors: readonly Float32Array[],
  places: readonly number[],
  threshold: number,
): Generator<void, Node[]> {
  const open = new Set<Node>(places.map(place => ({ mean: vectors[place]!, members: [place] })));
  const settled: Node[] = [];
  const chain: Node[] = [];
  for (;;) {
    const top = chain.at(-1) ?? firstOf(open);
    if (top === undefined) break;
    if (chain.length === 0) chain.push(top);
    const before = chain.at(-2);
    const nearest = nearestOf(top, open, before);
    yield;
    if (nearest === null || nearest.score < threshold) {
      chain.pop();
      open.delete(top);
      settled.push(top);
    } else if (nearest.node === before) {
      chain.length -= 2;
      open.delete(top);
      open.delete(before);
      open.add(merge(top, before));
    } else {
      chain.push(nearest.node);
    }
  }
  return settled;
}

function firstOf(open: ReadonlySet<Node>): Node | undefined {
  return open.values().next().value;
}

/** Of equally near ones the one before in the chain, so that a chain has an end. */
function nearestOf(
  node: Node,
  open: ReadonlySet<Node>,
  before: Node | undefined,
): { node: Node; score: number } | null {
  let best = before ?? null;
  let score = before === undefined ? Number.NEGATIVE_INFINITY : meanCosine(node, before);
  for (const other of open) {
    if (other === node || other === before) continue;
    const here = meanCosine(node, other);
    if (here <= score) continue;
    best = other;
    score = here;
  }
  return best === null ? null : { node: best, score };
}

function meanCosine(a: Node, b: Node): number {
  return cosine(a.mean, 0, b.mean, 0, a.mean.length);
}

function merge(a: Node, b: Node): Node {
  const [ofA, ofB] = [a.members.length, b.members.length];
  const mean = a.mean.map((value, i) => (value * ofA + b.mean[i]! * ofB) / (ofA + ofB));
  return { mean, members: [...a.members, ...b.members] };
}

function toCluster({ mean, members }: Node): FaceCluster {
  const count = members.length;
  // |sum|² counts every pair twice, and every member with itself once.
  const squared = cosine(mean, 0, mean, 0, mean.length) * count * count;
  const cohesion = count === 1 ? 1 : (squared - count) / (count * (count - 1));
  return { members: members.toSorted((a, b) => a - b), cohesion };
}
