import { SingleBar } from 'cli-progress';
import type { Progress } from './progress.ts';

/** Progress for people: a bar where the stream is a terminal, otherwise one plain line per step. Notes stay readable. */
export function createTerminalProgress(stream: NodeJS.WritableStream & { readonly isTTY?: boolean }): Progress {
  return stream.isTTY === true ? createBar(stream) : createLines(stream);
}

function createLines(stream: NodeJS.WritableStream): Progress {
  let model = '';
  let last = '';
  return {
    start(name) {
      model = name;
      last = '';
    },
    step(what) {
      if (what !== last) stream.write(`${model}: ${what}\n`);
      last = what;
    },
    note: line => void stream.write(`${line}\n`),
    done: result => void stream.write(`${model}: ${result}\n`),
  };
}

function createBar(stream: NodeJS.WritableStream): Progress {
  const bar = new SingleBar({
    stream,
    format: '{model} [{bar}] {percentage}% {what}',
    barsize: 20,
    clearOnComplete: true,
    hideCursor: true,
    gracefulExit: false,
  });
  let model = '';
  let total = 0;
  let state = { done: 0, what: '' };
  const draw = (): void => bar.start(total, state.done, { model, what: state.what });
  return {
    start(name, totalBytes) {
      model = name;
      total = totalBytes;
      state = { done: 0, what: '' };
      draw();
    },
    step(what, doneBytes) {
      state = { done: doneBytes, what };
      bar.update(doneBytes, { what });
    },
    note(line) {
      const drawn = bar.isActive;
      bar.stop();
      stream.write(`${line}\n`);
      if (drawn) draw();
    },
    done(result) {
      bar.stop();
      stream.write(`${model}: ${result}\n`);
    },
  };
}
