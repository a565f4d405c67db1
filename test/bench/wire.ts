// What the Triton protocol costs: the embedded server and NVIDIA's under load, beside the models run bare.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { startRealTriton } from '../services/triton/start-real-triton.ts';
import { type Child, startChild, startServer } from './child.ts';
import { median } from './median.ts';
import type { WireRequest } from './wire-answer.ts';
import type { BareInput } from './wire-bare-job.ts';
import type { WireLoad, WireResult } from './wire-load.ts';
import { type Batching, batchings, type WireModel, wireModels, writeWireRepository } from './wire-models.ts';
import { encodeRequests } from './wire-requests.ts';
import type { ServerQuestion } from './wire-server.ts';

/** One server, one model, one way of batching, so many clients. */
export type WireCell = WireResult & {
  readonly server: 'embedded' | 'real';
  readonly model: string;
  readonly batching: Batching;
  readonly clients: number;
  /** Of the server's event loop meanwhile, p99 in milliseconds; null for a server without one. */
  readonly loopDelayMs: number | null;
};

/** A model run bare in the server's own threads, and through the wire by 32 clients, in turns. */
export type WireShare = {
  readonly model: string;
  readonly barePerSecond: number;
  readonly wirePerSecond: number;
  /** Median over the turns of wire / bare. */
  readonly share: number;
};

/** Both servers with one model, batched, at 32 clients, in turns. */
export type WireTurns = {
  readonly model: string;
  readonly embeddedPerSecond: number;
  readonly realPerSecond: number;
  /** Median over the turns of embedded / real. */
  readonly ratio: number;
};

export type WireMeasurement = {
  readonly cells: readonly WireCell[];
  readonly shares: readonly WireShare[];
  /** Empty where NVIDIA's server was not measured. */
  readonly turns: readonly WireTurns[];
  /** Why NVIDIA's server was not measured. */
  readonly missing: string | null;
};

export const clientCounts = [1, 8, 32] as const;

const bareBatch = 8;

type Target = {
  readonly server: WireCell['server'];
  readonly address: string;
  loopDelay(): Promise<number | null>;
};

/** @param quick a look, in half a minute: no figure of it is worth writing down */
export async function measureWire(quick: boolean, progress: (line: string) => void): Promise<WireMeasurement> {
  const models = await wireModels();
  const { identity, convNet, dlibResnet, megabytes } = models;
  const repository = await writeWireRepository(Object.values(models));
  const durations = quick ? { warmMs: 200, measureMs: 400 } : { warmMs: 1500, measureMs: 2000 };
  const requests = new Map<string, readonly WireRequest[]>();
  const load = startChild(new URL('./wire-load.ts', import.meta.url));
  const opened: { close(): Promise<void> }[] = [load];

  async function measureCell(target: Target, model: WireModel, batching: Batching, clients: number): Promise<WireCell> {
    await target.loopDelay();
    const result = await load.ask<WireResult>({
      address: target.address,
      requests: requests.get(`${model.name}_${batching}`) ?? [],
      tolerance: model.tolerance,
      clients,
      ...durations,
    } satisfies WireLoad);
    const loopDelayMs = await target.loopDelay();
    progress(`${target.server} ${model.name} ${batching}, ${clients} clients: ${result.perSecond.toFixed(0)}/s`);
    return { ...result, server: target.server, model: model.title, batching, clients, loopDelayMs };
  }

  async function measureServer(target: Target): Promise<WireCell[]> {
    const cells: WireCell[] = [];
    // Until both processes have settled to small requests, one at a time.
    for (let turn = 0; turn < 2; turn++) await measureCell(target, identity, 'alone', 1);
    for (const model of [identity, convNet, dlibResnet]) {
      for (const batching of Object.keys(batchings) as Batching[]) {
        for (const clients of clientCounts) cells.push(await measureCell(target, model, batching, clients));
      }
    }
    for (const clients of [1, 8]) cells.push(await measureCell(target, megabytes, 'batched', clients));
    return cells;
  }

  const batched = async (target: Target, model: WireModel): Promise<number> =>
    (await measureCell(target, model, 'batched', 32)).perSecond;

  async function measureShare(server: Child, target: Target, model: WireModel): Promise<WireShare> {
    const input = bareInput(repository.directory, model, durations.measureMs);
    const bare = (): Promise<number> => server.ask<number>({ ask: 'bare', input });
    const { first, second, ratio } = await inTurns(quick ? 1 : 5, bare, () => batched(target, model));
    return { model: model.title, barePerSecond: first, wirePerSecond: second, share: ratio };
  }

  async function measureTurns(embedded: Target, real: Target, model: WireModel): Promise<WireTurns> {
    const { first, second, ratio } = await inTurns(
      quick ? 1 : 7,
      () => batched(real, model),
      () => batched(embedded, model),
    );
    return { model: model.title, embeddedPerSecond: second, realPerSecond: first, ratio };
  }

  try {
    for (const model of Object.values(models)) {
      for (const batching of Object.keys(batchings) as Batching[]) {
        const name = `${model.name}_${batching}`;
        requests.set(name, await encodeRequests(model, name));
      }
    }
    const server = startServer(repository.directory);
    opened.push(server);
    const embedded: Target = {
      server: 'embedded',
      address: await server.ask<string>({ ask: 'start' } satisfies ServerQuestion),
      loopDelay: () => server.ask<number>({ ask: 'loop delay' } satisfies ServerQuestion),
    };
    const shares = [await measureShare(server, embedded, dlibResnet), await measureShare(server, embedded, convNet)];
    const cells = await measureServer(embedded);
    const run = path.resolve(import.meta.dirname, '../../.cache/triton/run.sh');
    if (!existsSync(run)) return { cells, shares, turns: [], missing: 'it is installed by `npm run test:services`' };
    const started = await startRealTriton(run, repository.directory);
    opened.push(started);
    const real: Target = { server: 'real', address: started.address, loopDelay: async () => null };
    cells.push(...(await measureServer(real)));
    const turns: WireTurns[] = [];
    for (const model of [identity, convNet, dlibResnet]) turns.push(await measureTurns(embedded, real, model));
    return { cells, shares, turns, missing: null };
  } finally {
    for (const each of opened.reverse()) await each.close();
    await repository.remove();
  }
}

function bareInput(directory: string, { name, input }: WireModel, ms: number): BareInput {
  return {
    modelPath: path.join(directory, `${name}_batched/1/model.onnx`),
    name: input.name,
    datatype: input.datatype,
    dims: [bareBatch, ...input.dims],
    ms,
  };
}

/** Medians of two measurements taken one after the other, and of second / first. */
async function inTurns(count: number, measureFirst: () => Promise<number>, measureSecond: () => Promise<number>) {
  const turns: { first: number; second: number }[] = [];
  for (let turn = 0; turn < count; turn++) turns.push({ first: await measureFirst(), second: await measureSecond() });
  return {
    first: median(turns.map(({ first }) => first)),
    second: median(turns.map(({ second }) => second)),
    ratio: median(turns.map(({ first, second }) => second / first)),
  };
}
