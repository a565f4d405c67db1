import type { Progress } from '../../../../triton/build/progress.ts';

/** A progress that remembers what it was told. */
export function recordedProgress(): Progress & { readonly steps: string[]; readonly notes: string[] } {
  const steps: string[] = [];
  const notes: string[] = [];
  return {
    steps,
    notes,
    start: model => void steps.push(`start ${model}`),
    step: what => void (steps.at(-1) === what || steps.push(what)),
    note: line => void notes.push(line),
    done: result => void steps.push(result),
  };
}
