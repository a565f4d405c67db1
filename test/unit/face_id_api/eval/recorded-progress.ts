/** A progress bar that only counts what it is told. */
export function recordedProgress() {
  const shown = { total: 0, steps: 0, done: 0 };
  const progress = {
    start(total: number) {
      shown.total = total;
    },
    step() {
      shown.steps++;
    },
    done() {
      shown.done++;
    },
  };
  return { shown, progress };
}
