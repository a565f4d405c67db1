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
 * By chains of nearest neighbours (Murtagh 1983), which need n² comparisons and no matrix: a group that nobody is near enough to is
 * settled at once, since a merger of others is no nearer to it than the nearer of the two was. Yields after every look at all groups,
 * so that others may have a turn. Largest first, then by the first member.
 */
export function* clusterFaces(vectors: readonly Float32Array[], threshold: number): Generator<void, FaceCluster[]> {
  const open = new Set<Node>(vectors.map((mean, place) => ({ mean, members: [place] })));
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
  return settled.map(toCluster).sort((a, b) => b.members.length - a.members.length || a.members[0]! - b.members[0]!);
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
