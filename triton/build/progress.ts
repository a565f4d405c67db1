/** What an installation tells whoever waits for it. */
export type Progress = {
  /** Work on one model begins. `totalBytes`: size of the weights to fetch. */
  start(model: string, totalBytes: number): void;
  /** What happens now, and how many bytes are there. The count falls back to 0 when the next source is tried. */
  step(what: string, doneBytes: number): void;
  /** A source failed, a choice was made: whatever the operator should read even when all ends well. */
  note(line: string): void;
  /** The work on the model is over: finished (`result` says what came of it) or given up. */
  done(result: string): void;
};

export const silentProgress: Progress = { start() {}, step() {}, note() {}, done() {} };
