// npm run soak [-- --seconds N]: the embedded server at twice its capacity. Every answer is right or a refusal, memory does
// not grow, nothing ends by itself, and afterwards it serves as before. Exit code 1 otherwise.
import { parseArgs } from 'node:util';
import { startServer } from '../bench/child.ts';
import { wireModels, writeWireRepository } from '../bench/wire-models.ts';
import { encodeRequests } from '../bench/wire-requests.ts';
import type { ServerQuestion } from '../bench/wire-server.ts';
import { growth } from './growth.ts';
import { createLoad, type Load, type Outcomes } from './load.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } });
const seconds = Number(values.seconds);
if (!(seconds >= 20)) throw new RangeError(`--seconds: expected at least 20, got ${values.seconds}`);

/** Of the time of overload: memory pools and queues have reached their sizes by then. */
const warmShare = 1 / 3;
const mostGrowth = { share: 0.1, megabytes: 40 };

const { identity, convNet, dlibResnet } = await wireModels();
// The model that is overloaded comes first: the others wait for its worker threads.
const shares = [
  { model: dlibResnet, share: 0.8 },
  { model: convNet, share: 0.1 },
  { model: identity, share: 0.1 },
];
// A short queue: what does not fit is refused at once, and few calls are open.
const overloaded = 'dynamic_batching { preferred_batch_size: [ 8 ] default_queue_policy { max_queue_size: 64 } }';
const repository = await writeWireRepository(
  shares.map(({ model }) => model),
  { overloaded },
);
const server = startServer(repository.directory);
let load: Load | undefined;
try {
  const address = await server.ask<string>({ ask: 'start' } satisfies ServerQuestion);
  const mix = await Promise.all(
    shares.map(async ({ model, share }) => ({
      share,
      tolerance: model.tolerance,
      requests: await encodeRequests(model, `${model.name}_overloaded`),
    })),
  );
  load = createLoad(address, mix);
  const perSecond = await load.closed({ clients: 32, seconds: Math.min(10, seconds / 10) });
  print(`capacity: ${perSecond.toFixed(0)} requests/s; now twice that, or twice what is answered, for ${seconds} s`);
  const memory = await overload(load, 2 * perSecond);
  // Nothing is under way any more, so nothing may be refused.
  const before = load.outcomes();
  await load.closed({ clients: 1, seconds: 2 });
  process.exitCode = report(load.outcomes(), load.outcomes().refused - before.refused, memory) ? 0 : 1;
} finally {
  load?.close();
  await server.close();
  await repository.remove();
}

/** @returns resident megabytes, sampled every second after the warm-up */
async function overload(running: Load, perSecond: number): Promise<number[]> {
  const memory: number[] = [];
  const began = performance.now();
  const open = running.open({ perSecond, seconds });
  let printed = 0;
  const sampler = setInterval(async () => {
    const elapsed = (performance.now() - began) / 1000;
    const megabytes = await server.ask<number>({ ask: 'memory' } satisfies ServerQuestion);
    if (elapsed > seconds * warmShare) memory.push(megabytes);
    if (elapsed - printed < 10) return;
    printed = elapsed;
    print(`${elapsed.toFixed(0)} s: ${summary(running.outcomes())}, ${megabytes.toFixed(0)} MB`);
  }, 1000);
  await open.finally(() => clearInterval(sampler));
  return memory;
}

function report(outcomes: Outcomes, refusedAfterwards: number, memory: readonly number[]): boolean {
  const { first, last } = growth(memory);
  const limit = first * (1 + mostGrowth.share) + mostGrowth.megabytes;
  const faults = [
    ...outcomes.wrong,
    ...(outcomes.right === 0 ? ['no request was answered'] : []),
    ...(outcomes.refused === 0 ? ['no request was refused: the server was not overloaded'] : []),
    ...(refusedAfterwards > 0 ? [`${refusedAfterwards} requests were refused after the overload`] : []),
    ...(last > limit ? [`memory grew from ${first.toFixed(0)} to ${last.toFixed(0)} MB`] : []),
  ];
  print(`${summary(outcomes)}; memory ${first.toFixed(0)} MB after the warm-up, ${last.toFixed(0)} MB at the end`);
  for (const fault of faults) print(`FAILED: ${fault}`);
  return faults.length === 0;
}

function summary({ right, refused, cancelled, wrong }: Outcomes): string {
  return `${right} right, ${refused} refused, ${cancelled} cancelled by their client, ${wrong.length} wrong`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
