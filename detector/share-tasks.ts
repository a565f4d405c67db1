import type { MessagePort } from 'node:worker_threads';

/** What a task gives: arrays with a buffer each, so that they can change threads. */
export type Tables = readonly Float32Array<ArrayBuffer>[];

export type RunTask<Task> = (task: Task) => Promise<Tables>;

/** A list of tasks that several threads work off: whoever is free takes the next. */
type SharedTasks<Task, Subject> = {
  readonly id: number;
  readonly subject: Subject;
  readonly tasks: readonly Task[];
  /** In shared memory: how many tasks are taken, then 1 for each helper that has begun. */
  readonly state: Int32Array<SharedArrayBuffer>;
  /** The helper's place in `state`. */
  readonly place: number;
};

type Done = { readonly index: number; readonly tables: Tables };

type Answer = { readonly id: number; readonly done: readonly Done[] };

/** Tells this thread's lists apart: a helper that came too late answers to one that is finished. */
let lists = 0;

/**
 * Runs tasks with `run` in this thread, and in those that `serveTasks` at the other ends of `helpers`, on the same subject (whose
 * large parts should lie in shared memory). Gives the results in the order of the tasks. What a helper took and could not finish is
 * run here. Rejects as `run` does, once no helper is at work any more: the subject may be used for something else then.
 */
export async function shareTasks<Task, Subject>(
  helpers: readonly MessagePort[],
  subject: Subject,
  tasks: readonly Task[],
  run: RunTask<Task>,
): Promise<Tables[]> {
  const state = new Int32Array(new SharedArrayBuffer(4 * (1 + helpers.length)));
  const shared = { id: ++lists, subject, tasks, state };
  const asked =
    tasks.length < 2 ? [] : helpers.map((port, i) => askHelper<Task, Subject>(port, { ...shared, place: 1 + i }));
  const results = new Map<number, Tables>();
  try {
    for (const { index, tables } of await workOff(shared, run)) results.set(index, tables);
    for (const { place, answer } of asked) {
      // One that has not begun has taken nothing, and may never answer.
      if (results.size === tasks.length || Atomics.load(state, place) === 0) continue;
      for (const { index, tables } of await answer) results.set(index, tables);
    }
    const ordered: Tables[] = [];
    for (const [index, task] of tasks.entries()) ordered.push(results.get(index) ?? (await run(task)));
    return ordered;
  } finally {
    Atomics.store(state, 0, tasks.length);
    for (const { place, answer, leave } of asked) {
      if (results.size < tasks.length && Atomics.load(state, place) !== 0) await answer;
      leave();
    }
  }
}

/**
 * Helps whoever holds the other end of `port` until that end is closed. `runnerFor` makes what runs the tasks on a subject; no other
 * thread has this helper's `place` meanwhile: 1 and up, the asking thread's own is 0.
 */
export async function serveTasks<Task, Subject>(
  port: MessagePort,
  runnerFor: (subject: Subject, place: number) => RunTask<Task>,
): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  port.on('close', resolve);
  port.on('message', async (shared: SharedTasks<Task, Subject>) => {
    const done: Done[] = [];
    Atomics.store(shared.state, shared.place, 1);
    // The other side runs what is missing, and meets the error there.
    await workOff(shared, runnerFor(shared.subject, shared.place), done).catch(() => {});
    const buffers = done.flatMap(({ tables }) => tables.map(table => table.buffer));
    port.postMessage({ id: shared.id, done } satisfies Answer, buffers);
  });
  await closed;
}

async function workOff<Task>(
  { tasks, state }: Pick<SharedTasks<Task, unknown>, 'tasks' | 'state'>,
  run: RunTask<Task>,
  done: Done[] = [],
): Promise<readonly Done[]> {
  for (;;) {
    const index = Atomics.add(state, 0, 1);
    const task = tasks[index];
    if (task === undefined) return done;
    done.push({ index, tables: await run(task) });
  }
}

/** `answer` is what the helper has done: nothing when its thread is gone. */
function askHelper<Task, Subject>(
  port: MessagePort,
  shared: SharedTasks<Task, Subject>,
): { readonly place: number; readonly answer: Promise<readonly Done[]>; leave(): void } {
  const { promise, resolve } = Promise.withResolvers<readonly Done[]>();
  const gone = (): void => resolve([]);
  const answered = ({ id, done }: Answer): void => {
    if (id === shared.id) resolve(done);
  };
  port.on('close', gone);
  port.on('message', answered);
  port.postMessage(shared);
  return {
    place: shared.place,
    answer: promise,
    leave() {
      port.off('close', gone);
      port.off('message', answered);
    },
  };
}
