/**
 * Boxes under examination, in one flat array so that thousands of them cost no objects: `boxes[4 * i …]` is x1, y1, x2, y2
 * in the image's pixels, `scores[i]` a probability. All values are float32, as in the networks that made them.
 */
export type Candidates = { readonly boxes: Float32Array; readonly scores: Float32Array };

export function candidateCount(candidates: Candidates): number {
  return candidates.scores.length;
}

/** The candidates at `indices`, in that order. */
export function pickCandidates(candidates: Candidates, indices: Uint32Array): Candidates {
  return { boxes: pickRows(candidates.boxes, 4, indices), scores: pickRows(candidates.scores, 1, indices) };
}

/** The rows at `indices` of a row-major table with `width` columns. */
export function pickRows(table: Float32Array, width: number, indices: Uint32Array): Float32Array {
  const rows = new Float32Array(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * width;
    for (let column = 0; column < width; column++) rows[i * width + column] = table[from + column]!;
  }
  return rows;
}

/** Puts tables of float32 end to end. */
export function joinTables(tables: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(tables.reduce((length, table) => length + table.length, 0));
  let offset = 0;
  for (const table of tables) {
    joined.set(table, offset);
    offset += table.length;
  }
  return joined;
}
