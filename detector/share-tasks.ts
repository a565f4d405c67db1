import type { MessagePort } from 'node:worker_threads';

/** What a task gives: arrays with a buffer each, so that they can change threads. */
export type Tables = readonly Float32Array<ArrayBuffer>[];

export type RunTask<Task> = (task: Task) => Promise<Tables>;

/** A list of tasks that several threads work off: whoever is free takes the next. `taken` counts in shared memory. */
type SharedTasks<Task, Subject> = {
  readonly id: number;
  readonly subject: Subject;
  readonly tasks: readonly Task[];
  readonly taken: Int32Array<SharedArrayBuffer>;
};

type Done = { readonly index: number; readonly tables: Tables };

type Answer = { readonly id: number; readonly done: readonly Done[] };

/** Tells this thread's lists apart: a helper that came too late answers to one that is finished. */
let lists = 0;

/**
 * Runs tasks with `run` in this thread, and in those that `serveTasks` at the other ends of `helpers`, on the same subject (whose
 * large parts should lie in shared memory). Gives the results in the order of the tasks. What a helper took and could not finish is
 * run here. Rejects as `run` does; no helper begins another task then.
 */
export async function shareTasks<Task, Subject>(
  helpers: readonly MessagePort[],
  subject: Subject,
  tasks: readonly Task[],
  run: RunTask<Task>,
): Promise<Tables[]> {
  const taken = new Int32Array(new SharedArrayBuffer(4));
  const shared: SharedTasks<Task, Subject> = { id: ++lists, subject, tasks, taken };
  const asked = tasks.length < 2 ? [] : helpers.map(port => askHelper(port, shared));
  const results = new Map<number, Tables>();
  try {
    for (const { index, tables } of await workOff(shared, run)) results.set(index, tables);
    // A helper that has taken nothing may never answer.
    for (const { answer } of results.size < tasks.length ? asked : []) {
      for (const { index, tables } of await answer) results.set(index, tables);
    }
    const ordered: Tables[] = [];
    for (const [index, task] of tasks.entries()) ordered.push(results.get(index) ?? (await run(task)));
    return ordered;
  } finally {
    Atomics.store(taken, 0, tasks.length);
    for (const { leave } of asked) leave();
  }
}

/** Helps whoever holds the other end of `port` until that end is closed. `runnerFor` makes what runs the tasks on a subject. */
export async function serveTasks<Task, Subject>(
  port: MessagePort,
  runnerFor: (subject: Subject) => RunTask<Task>,
): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  port.on('close', resolve);
  port.on('message', async (shared: SharedTasks<Task, Subject>) => {
    const done: Done[] = [];
    // The other side runs what is missing, and meets the error there.
    await workOff(shared, runnerFor(shared.subject), done).catch(() => {});
    const buffers = done.flatMap(({ tables }) => tables.map(table => table.buffer));
    port.postMessage({ id: shared.id, done } satisfies Answer, buffers);
  });
  await closed;
}

async function workOff<Task>(
  { tasks, taken }: SharedTasks<Task, unknown>,
  run: RunTask<Task>,
  done: Done[] = [],
): Promise<readonly Done[]> {
  for (;;) {
    const index = Atomics.add(taken, 0, 1);
    const task = tasks[index];
    if (task === undefined) return done;
    done.push({ index, tables: await run(task) });
  }
}

/** `answer` is what the helper has done: nothing when its thread is gone. */
function askHelper<Task, Subject>(
  port: MessagePort,
  shared: SharedTasks<Task, Subject>,
): { readonly answer: Promise<readonly Done[]>; leave(): void } {
  const { promise, resolve } = Promise.withResolvers<readonly Done[]>();
  const gone = (): void => resolve([]);
  const answered = ({ id, done }: Answer): void => {
    if (id === shared.id) resolve(done);
  };
  port.on('close', gone);
  port.on('message', answered);
  port.postMessage(shared);
  return {
    answer: promise,
    leave() {
      port.off('close', gone);
      port.off('message', answered);
    },
  };
}
