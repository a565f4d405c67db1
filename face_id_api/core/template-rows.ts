import { cosine } from './similarity.ts';
import { createTopScores, type ScoredKey } from './top-scores.ts';

/** Unit vectors by the key of their template, in memory, searched exactly: all that no index holds (yet). */
export type TemplateRows = {
  readonly size: number;
  /** Takes the memory for `count` more now, so that the `add`s that follow cannot fail for want of it. */
  reserve(count: number): void;
  /** Copies the vector. Keys come in ascending order; a key that was removed does not come again. */
  add(key: number, vector: Float32Array): void;
  has(key: number): boolean;
  /** Forgets a vector and its bytes; whether it was there. */
  remove(key: number): boolean;
  clear(): void;
  /** The first at most `count` behind `key`, vectors one after another. */
  after(key: number, count: number): { readonly keys: number[]; readonly vectors: Float32Array };
  /** The `topK` keys with the highest cosines, best first; ties by key. */
  nearest(probe: Float32Array, topK: number): ScoredKey[];
};

/** Rows in the order of their keys; those that were removed stay as gaps until their chunk is empty or all is packed again. */
type Chunk = {
  readonly keys: Float64Array;
  readonly live: Uint8Array;
  readonly vectors: Float32Array<ArrayBuffer>;
  used: number;
  liveCount: number;
};

/**
 * @param chunkRows rows whose memory is taken and given back together; 16 MB at 128 dimensions, so that it is the system's own pages,
 * of which only those count that were written
 */
export function createTemplateRows(dimension: number, chunkRows = 32_768): TemplateRows {
  let chunks: Chunk[] = [];
  let spare: Chunk[] = [];
  let size = 0;

  function newChunk(): Chunk {
    return {
      keys: new Float64Array(chunkRows),
      live: new Uint8Array(chunkRows),
      vectors: new Float32Array(chunkRows * dimension),
      used: 0,
      liveCount: 0,
    };
  }

  function reserve(count: number): void {
    const free = chunkRows - (chunks.at(-1)?.used ?? chunkRows);
    while (free + spare.length * chunkRows < count) spare.push(newChunk());
  }

  function add(key: number, vector: Float32Array): void {
    let chunk = chunks.at(-1);
    if (chunk === undefined || chunk.used === chunkRows) {
      chunk = spare.pop() ?? newChunk();
      chunks.push(chunk);
    }
    const row = chunk.used++;
    chunk.keys[row] = key;
    chunk.live[row] = 1;
    chunk.vectors.set(vector, row * dimension);
    chunk.liveCount += 1;
    size += 1;
  }

  /** Where a key is or would be: the last chunk that begins at or before it, and the first row in it that is not below it. */
  function find(key: number): { place: number; row: number } {
    const place = Math.max(0, lowerBound(chunks.length, i => chunks[i]!.keys[0]! > key) - 1);
    const chunk = chunks[place];
    const row = chunk === undefined ? 0 : lowerBound(chunk.used, i => chunk.keys[i]! >= key);
    return { place, row };
  }

  function has(key: number): boolean {
    const { place, row } = find(key);
    const chunk = chunks[place];
    return chunk !== undefined && row < chunk.used && chunk.keys[row] === key && chunk.live[row] === 1;
  }

  function remove(key: number): boolean {
    if (!has(key)) return false;
    const { place, row } = find(key);
    const chunk = chunks[place]!;
    chunk.live[row] = 0;
    chunk.vectors.fill(0, row * dimension, (row + 1) * dimension);
    chunk.liveCount -= 1;
    size -= 1;
    if (chunk.liveCount === 0) chunks.splice(place, 1).forEach(release);
    else if (chunks.length > 2 && size * 2 < chunks.length * chunkRows) pack();
    return true;
  }

  function pack(): void {
    const sparse = chunks;
    chunks = [];
    size = 0;
    for (const { keys, live, vectors, used } of sparse) {
      for (let row = 0; row < used; row++) {
        if (live[row] === 1) add(keys[row]!, vectors.subarray(row * dimension, (row + 1) * dimension));
      }
    }
    sparse.forEach(release);
  }

  return {
    get size() {
      return size;
    },
    reserve,
    add,
    has,
    remove,
    clear() {
      chunks.forEach(release);
      chunks = [];
      spare = [];
      size = 0;
    },
    after(key, count) {
      const keys: number[] = [];
      const vectors = new Float32Array(Math.min(count, size) * dimension);
      const start = find(key + 1);
      for (let place = start.place; place < chunks.length && keys.length < count; place++) {
        const chunk = chunks[place]!;
        for (let row = place === start.place ? start.row : 0; row < chunk.used && keys.length < count; row++) {
          if (chunk.live[row] === 0) continue;
          vectors.set(chunk.vectors.subarray(row * dimension, (row + 1) * dimension), keys.length * dimension);
          keys.push(chunk.keys[row]!);
        }
      }
      return { keys, vectors: vectors.subarray(0, keys.length * dimension) };
    },
    nearest(probe, topK) {
      const top = createTopScores(topK);
      for (const { keys, live, vectors, used } of chunks) {
        for (let row = 0; row < used; row++) {
          if (live[row] === 1) top.offer(keys[row]!, cosine(probe, 0, vectors, row * dimension, dimension));
        }
      }
      return top.sorted();
    },
  };
}

/** Gives the memory back now: the garbage collector lets hundreds of megabytes lie while nothing else is allocated. */
function release({ vectors }: Chunk): void {
  vectors.buffer.transfer(0);
}

/** The first of 0 … length − 1 for which `reached` holds, as it does for all behind it; `length` where there is none. */
function lowerBound(length: number, reached: (i: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
