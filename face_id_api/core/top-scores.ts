export type ScoredKey = { readonly key: number; readonly score: number };

/** Keeps the `capacity` highest of the scores that it is offered; equal ones by key, the lowest first. */
export type TopScores = {
  offer(key: number, score: number): void;
  /** Best first. */
  sorted(): ScoredKey[];
};

/** A binary heap with the worst of the kept at its root, in two flat arrays. */
export function createTopScores(capacity: number): TopScores {
  const keys: number[] = [];
  const scores: number[] = [];

  function isWorse(a: number, b: number): boolean {
    return scores[a]! < scores[b]! || (scores[a] === scores[b] && keys[a]! > keys[b]!);
  }

  function swap(a: number, b: number): void {
    [keys[a], keys[b]] = [keys[b]!, keys[a]!];
    [scores[a], scores[b]] = [scores[b]!, scores[a]!];
  }

  function rise(start: number): void {
    for (let place = start; place > 0; ) {
      const parent = (place - 1) >> 1;
      if (!isWorse(place, parent)) return;
      swap(place, parent);
      place = parent;
    }
  }

  function sink(): void {
    for (let place = 0; ; ) {
      const left = 2 * place + 1;
      const right = left + 1;
      let worst = place;
      if (left < keys.length && isWorse(left, worst)) worst = left;
      if (right < keys.length && isWorse(right, worst)) worst = right;
      if (worst === place) return;
      swap(place, worst);
      place = worst;
    }
  }

  return {
    offer(key, score) {
      if (keys.length < capacity) {
        keys.push(key);
        scores.push(score);
        rise(keys.length - 1);
      } else if (score > scores[0]! || (score === scores[0] && key < keys[0]!)) {
        keys[0] = key;
        scores[0] = score;
        sink();
      }
    },
    sorted: () =>
      keys.map((key, i): ScoredKey => ({ key, score: scores[i]! })).sort((a, b) => b.score - a.score || a.key - b.key),
  };
}
