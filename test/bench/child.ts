import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';
import { memoryArgv, memoryEnv } from './memory-settings.ts';

/** A process of the bench that answers one message at a time. */
export type Child = {
  /** Rejects when the process fails or ends. */
  ask<Answer>(question: unknown): Promise<Answer>;
  close(): Promise<void>;
};

/** What a child sends back for each question. */
type Reply = { readonly answer: unknown } | { readonly failure: string };

/** A process with `file` as its main module, which calls `answerQuestions`. */
export function startChild(file: URL): Child {
  return toChild(fork(file, options));
}

/** A process with the embedded server over a model repository (`wire-server.ts`), its memory settled as main.ts does it. */
export function startServer(modelRepository: string): Child {
  const env = { ...process.env, ...memoryEnv };
  const file = new URL('./wire-server.ts', import.meta.url);
  return toChild(fork(file, [modelRepository], { ...options, env, execArgv: memoryArgv }));
}

// 'advanced': bytes travel as they are.
const options: ForkOptions = { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] };

function toChild(child: ChildProcess): Child {
  return { ask: question => ask(child, question), close: () => stop(child) };
}

async function ask<Answer>(child: ChildProcess, question: unknown): Promise<Answer> {
  const ended = new AbortController();
  try {
    const reply = once(child, 'message', { signal: ended.signal });
    const exit = once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => {
      throw new Error(`${child.spawnfile}: a process of the bench ended (${signal ?? `exit code ${code}`})`);
    });
    child.send(question as object);
    const [message] = (await Promise.race([reply, exit])) as [Reply];
    if ('failure' in message) throw new Error(message.failure);
    return message.answer as Answer;
  } finally {
    ended.abort();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}

/** The child's side: answers until its parent leaves. */
export function answerQuestions<Question>(answer: (question: Question) => Promise<unknown>): void {
  process.on('message', question => {
    answer(question as Question).then(
      value => process.send?.({ answer: value } satisfies Reply),
      error => process.send?.({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}
