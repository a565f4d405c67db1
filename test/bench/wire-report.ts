import { type ClientCost, clientCostTable } from './client-cost.ts';
import { fixed, machine, table } from './markdown.ts';
import { clientCounts, type WireCell, type WireMeasurement, type WireTurns } from './wire.ts';

/** docs/benchmarks-triton.md. */
export function writeWireReport(
  { cells, shares, turns, missing }: WireMeasurement,
  clientCosts: readonly ClientCost[],
  date: string,
): string {
  return [
    '# Benchmarks of the Triton protocol',
    '',
    'Written by `npm run bench -- wire`; do not edit. gRPC ModelInfer with raw tensors, the load generator in a process of its own on the same',
    'machine, six clients to a connection (as perf_analyzer does it), one request under way for each client. Every answer is compared with what',
    'ONNX Runtime makes of the same input alone. Batched: `dynamic_batching` with a preferred size of 8 and no queue delay; alone: without.',
    'Two instances a model. Shared machines are noisy: the shares, measured in turns, say more than the rates.',
    '',
    `${date} · ${machine()}`,
    '',
    '## Through the wire and bare',
    '',
    "Rows a second of the embedded server at 32 clients, and of ONNX Runtime alone in the same worker threads at batch 8. Share: the median of five turns' ratios.",
    '',
    ...table(
      ['model', 'bare', 'through the wire', 'share'],
      shares.map(({ model, barePerSecond, wirePerSecond, share }) => [
        model,
        fixed(barePerSecond),
        fixed(wirePerSecond),
        `${fixed(100 * share)} %`,
      ]),
    ),
    '',
    'What lies between the two is the price of the wire, paid on the same two cores, and so is the load generator. Whose it is: docs/adr/0019.',
    '',
    '## The embedded server',
    '',
    ...serverTable(cells.filter(({ server }) => server === 'embedded')),
    '',
    ...gainTable(cells.filter(({ server }) => server === 'embedded')),
    '',
    '## The client',
    '',
    'CPU time of a request in the process of the TypeScript client, beside grpc-js with bytes that were made beforehand; four under way.',
    '',
    ...clientCostTable(clientCosts),
    '',
    '## NVIDIA Triton 2.51 on CPU',
    '',
    ...realSection(
      cells.filter(({ server }) => server === 'real'),
      turns,
      missing,
    ),
    '',
  ].join('\n');
}

function realSection(cells: readonly WireCell[], turns: readonly WireTurns[], missing: string | null): string[] {
  if (missing !== null) return [`Not measured in this run: ${missing}.`];
  return [
    'The same load on the real server. What runs the models in it here is a Python stand-in for its ONNX Runtime backend, which PyPI does not carry:',
    'these figures say what that stand-in costs, not how fast NVIDIA Triton is.',
    '',
    ...serverTable(cells),
    '',
    ...gainTable(cells),
    '',
    "Both servers in turns, batched, 32 clients: requests a second, and the median of seven turns' ratios.",
    '',
    ...table(
      ['model', 'embedded server', 'stand-in in the real one', 'ratio'],
      turns.map(({ model, embeddedPerSecond, realPerSecond, ratio }) => [
        model,
        fixed(embeddedPerSecond),
        fixed(realPerSecond),
        `× ${fixed(ratio, 2)}`,
      ]),
    ),
  ];
}

function serverTable(cells: readonly WireCell[]): string[] {
  const hasLoop = cells.some(({ loopDelayMs }) => loopDelayMs !== null);
  return table(
    ['model', 'batching', 'clients', 'requests/s', 'p50 ms', 'p99 ms', ...(hasLoop ? ['event loop p99 ms'] : [])],
    cells.map(({ model, batching, clients, perSecond, p50, p99, loopDelayMs }) => [
      model,
      batching,
      fixed(clients),
      fixed(perSecond),
      fixed(p50, 2),
      fixed(p99, 2),
      ...(loopDelayMs === null ? [] : [fixed(loopDelayMs, 1)]),
    ]),
  );
}

/** What batching brings, where there is more than one client. */
function gainTable(cells: readonly WireCell[]): string[] {
  const counts = clientCounts.filter(clients => clients > 1);
  const models = [...new Set(cells.filter(({ batching }) => batching === 'alone').map(({ model }) => model))];
  const gain = (model: string, clients: number): string => {
    const of = (batching: WireCell['batching']): number =>
      cells.find(cell => cell.model === model && cell.clients === clients && cell.batching === batching)?.perSecond ??
      Number.NaN;
    return `× ${fixed(of('batched') / of('alone'), 2)}`;
  };
  return table(
    ['batched / alone', ...counts.map(clients => `${clients} clients`)],
    models.map(model => [model, ...counts.map(clients => gain(model, clients))]),
  );
}
