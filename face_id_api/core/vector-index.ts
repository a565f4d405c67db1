import type { Candidate } from './decide.ts';
import { compareIds, type IdentityId } from './identity-id.ts';
import { cosine } from './similarity.ts';

/** Exact search over unit vectors in one contiguous block of memory. */
export type VectorIndex = {
  readonly identities: number;
  readonly templates: number;
  /** Takes the memory for `count` more vectors now, so that the `add` that follows cannot fail for want of it. */
  reserve(count: number): void;
  /** Adds vectors to an identity, new or not. Copies them. */
  add(id: IdentityId, vectors: readonly Float32Array[]): void;
  /** Forgets an identity; the number of vectors that it had. */
  remove(id: IdentityId): number;
  clear(): void;
  /** The `topK` identities with the highest scores, an identity's score being that of its best vector; ties by `compareIds`. */
  nearest(probe: Float32Array, topK: number): Candidate[];
};

export function createVectorIndex(dimension: number): VectorIndex {
  let vectors = new Float32Array(64 * dimension);
  /** Row → slot of the identity that owns it. */
  let owners = new Int32Array(64);
  let rowCount = 0;
  /** Slot → id; undefined where the slot is free. */
  const ids: (IdentityId | undefined)[] = [];
  const rowsOfSlot: number[][] = [];
  const slotOfId = new Map<IdentityId, number>();
  const freeSlots: number[] = [];
  let best = new Float64Array(0);

  function reserve(count: number): void {
    const needed = rowCount + count;
    if (needed <= owners.length) return;
    const capacity = Math.max(needed, owners.length * 2);
    const wider = new Float32Array(capacity * dimension);
    const longer = new Int32Array(capacity);
    wider.set(vectors.subarray(0, rowCount * dimension));
    longer.set(owners.subarray(0, rowCount));
    vectors = wider;
    owners = longer;
  }

  function slotFor(id: IdentityId): number {
    const known = slotOfId.get(id);
    if (known !== undefined) return known;
    const slot = freeSlots.pop() ?? ids.length;
    ids[slot] = id;
    rowsOfSlot[slot] = [];
    slotOfId.set(id, slot);
    return slot;
  }

  function add(id: IdentityId, added: readonly Float32Array[]): void {
    reserve(added.length);
    const slot = slotFor(id);
    for (const vector of added) {
      vectors.set(vector, rowCount * dimension);
      owners[rowCount] = slot;
      rowsOfSlot[slot]!.push(rowCount);
      rowCount += 1;
    }
  }

  function removeRow(row: number): void {
    // The last row fills the gap, so that the block stays contiguous.
    const last = rowCount - 1;
    if (row !== last) {
      vectors.copyWithin(row * dimension, last * dimension, (last + 1) * dimension);
      const owner = owners[last]!;
      owners[row] = owner;
      const rows = rowsOfSlot[owner]!;
      rows[rows.indexOf(last)] = row;
    }
    vectors.fill(0, last * dimension, (last + 1) * dimension);
    rowCount = last;
  }

  function remove(id: IdentityId): number {
    const slot = slotOfId.get(id);
    if (slot === undefined) return 0;
    // From the highest row down: what moves into a gap is then never another row of this identity.
    const rows = [...rowsOfSlot[slot]!].sort((a, b) => b - a);
    for (const row of rows) removeRow(row);
    slotOfId.delete(id);
    ids[slot] = undefined;
    rowsOfSlot[slot] = [];
    freeSlots.push(slot);
    return rows.length;
  }

  function clear(): void {
    vectors.fill(0);
    rowCount = 0;
    slotOfId.clear();
    for (const list of [ids, rowsOfSlot, freeSlots]) list.length = 0;
  }

  function nearest(probe: Float32Array, topK: number): Candidate[] {
    if (best.length < ids.length) best = new Float64Array(ids.length * 2);
    best.fill(Number.NEGATIVE_INFINITY, 0, ids.length);
    for (let row = 0; row < rowCount; row++) {
      const score = cosine(probe, 0, vectors, row * dimension, dimension);
      const owner = owners[row]!;
      if (score > best[owner]!) best[owner] = score;
    }
    const top: Candidate[] = [];
    for (let slot = 0; slot < ids.length; slot++) {
      const id = ids[slot];
      if (id !== undefined) insertByRank(top, { id, score: best[slot]! }, topK);
    }
    return top;
  }

  return {
    get identities() {
      return slotOfId.size;
    },
    get templates() {
      return rowCount;
    },
    reserve,
    add,
    remove,
    clear,
    nearest,
  };
}

function insertByRank(top: Candidate[], candidate: Candidate, topK: number): void {
  if (top.length === topK && ranksBefore(top[topK - 1]!, candidate)) return;
  let place = top.length;
  while (place > 0 && ranksBefore(candidate, top[place - 1]!)) place -= 1;
  top.splice(place, 0, candidate);
  if (top.length > topK) top.pop();
}

function ranksBefore(a: Candidate, b: Candidate): boolean {
  return a.score > b.score || (a.score === b.score && compareIds(a.id, b.id) < 0);
}
