import { Worker } from 'node:worker_threads';
import type { IndexAnswer, IndexMessage, IndexReplies, IndexRequest } from './index-request.ts';

/** The thread of the indexes, seen from outside. It starts with the first request and is not started again once it has died. */
export type IndexThread = {
  /**
   * `onReply` runs as the reply arrives, before anything that the thread answers later is seen; its result is what is resolved.
   * Rejects where the thread cannot do it, or has died. Callers bound how many requests wait: a search, an add or two a gallery.
   */
  ask<Ask extends keyof IndexReplies, Result = IndexReplies[Ask]>(
    request: IndexRequest & { readonly ask: Ask },
    onReply?: (reply: IndexReplies[Ask]) => Result,
  ): Promise<Result>;
  /** Why it does not work any more; null while it does. */
  failure(): string | null;
  close(): Promise<void>;
};

type Waiting = { readonly settle: (answer: IndexAnswer) => void; readonly reject: (error: Error) => void };

export function createIndexThread(onFailure: () => void): IndexThread {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let failure: string | null = null;
  let closed = false;
  let calls = 0;
  /** What was asked in this turn. */
  let asked: IndexMessage[] = [];

  function start(): Worker {
    const started = new Worker(new URL('./usearch-worker.ts', import.meta.url), { execArgv: [], name: 'index' });
    started.on('message', (answers: readonly IndexAnswer[]) => {
      for (const answer of answers) {
        const one = waiting.get(answer.call);
        waiting.delete(answer.call);
        one?.settle(answer);
      }
      if (waiting.size === 0) started.unref();
    });
    started.on('error', error => fail(error.message));
    started.on('exit', code => fail(`the index thread ended with code ${code}`));
    return started;
  }

  function fail(reason: string): void {
    if (closed || failure !== null) return;
    failure = reason;
    rejectAll(reason);
    onFailure();
  }

  function rejectAll(reason: string): void {
    for (const { reject } of waiting.values()) reject(new Error(reason));
    waiting.clear();
  }

  /** Together, so that the thread can do together what is alike. */
  function post(to: Worker, message: IndexMessage): void {
    asked.push(message);
    if (asked.length > 1) return;
    queueMicrotask(() => {
      to.postMessage(asked);
      asked = [];
    });
  }

  return {
    ask<Ask extends keyof IndexReplies, Result = IndexReplies[Ask]>(
      request: IndexRequest & { readonly ask: Ask },
      onReply?: (reply: IndexReplies[Ask]) => Result,
    ) {
      if (failure !== null || closed) return Promise.reject(new Error(failure ?? 'the index thread is closed'));
      worker ??= start();
      const call = calls++;
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      const settle = (answer: IndexAnswer): void => {
        try {
          if ('error' in answer) throw new Error(answer.error);
          // The thread answers each request with its own kind of reply.
          const reply = answer.reply as IndexReplies[Ask];
          resolve(onReply === undefined ? (reply as Result) : onReply(reply));
        } catch (error) {
          reject(error);
        }
      };
      waiting.set(call, { settle, reject });
      // It holds the process while somebody waits for it, and only then.
      worker.ref();
      post(worker, { call, request });
      return promise;
    },
    failure: () => failure,
    async close() {
      closed = true;
      await worker?.terminate();
      rejectAll('the index thread is closed');
    },
  };
}
