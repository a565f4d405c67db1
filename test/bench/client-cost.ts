// What the Triton client itself costs, in CPU time of its process, beside grpc-js alone.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { create } from '@bufbuild/protobuf';
import { ModelInferRequestSchema } from '../../proto/gen/grpc_service_pb.ts';
import { createChannel } from '../../triton/client/channel.ts';
import { tensor } from '../../triton/client/create-tensor.ts';
import { createTritonClient } from '../../triton/client/create-triton-client.ts';
import type { NamedTensor } from '../../triton/client/triton-client.ts';
import { encodeInferRequest, modelInferMethod } from '../../triton/model-infer-method.ts';
import { countCopies } from './count-copies.ts';
import { table } from './markdown.ts';
import { median } from './median.ts';

/** Medians of CPU milliseconds a request: by the client, and by grpc-js with the bytes made beforehand. */
export type ClientCost = {
  readonly title: string;
  readonly clientMs: number;
  readonly grpcMs: number;
  /** How often its tensor is copied in JavaScript; null where it is too small to be told from the rest. */
  readonly copies: number | null;
};

type Case = { readonly title: string; readonly input: NamedTensor; readonly requests: number };

const cases: Case[] = [
  { title: 'FP32 1×4', input: tensor('IN', 'FP32', [1, 4], [1, 2, 3, 4]), requests: 2000 },
  {
    title: 'UINT8 32×3×160×160',
    input: tensor('IN', 'UINT8', [32, 3, 160, 160], new Uint8Array(32 * 3 * 160 * 160)),
    requests: 60,
  },
];

/** The two take turns, so that a noisy machine troubles both alike. */
const rounds = 9;

export async function measureClientCost(): Promise<ClientCost[]> {
  const server = fork(path.join(import.meta.dirname, 'client-cost-server.ts'));
  const [port] = await once(server, 'message');
  const address = `127.0.0.1:${port}`;
  const client = createTritonClient({ address, checkRequests: false });
  const channel = createChannel({ address }, { deadlineMs: 60_000, connectMs: 60_000, retries: 0 });
  const costs: ClientCost[] = [];
  try {
    for (const { title, input, requests } of cases) {
      const request = { model: 'model', inputs: [input] };
      const bytes = Buffer.from(encodeInferRequest(messageOf(input)));
      const asIs = (ready: Buffer): Buffer => ready;
      const raw = { ...modelInferMethod, requestSerialize: asIs, requestDeserialize: asIs };
      const infer = () => client.infer(request);
      const bare = () => channel.unary(raw, bytes);
      const copies = await countCopies(input.data.byteLength, infer);
      const own: number[] = [];
      const base: number[] = [];
      for (let round = 0; round < rounds; round++) {
        own.push(await cpuMs(infer, requests));
        base.push(await cpuMs(bare, requests));
      }
      const counted = input.data.byteLength > 1e6 ? copies : null;
      costs.push({ title, clientMs: median(own), grpcMs: median(base), copies: counted });
    }
    return costs;
  } finally {
    await Promise.all([client.close(), channel.close()]);
    server.disconnect();
  }
}

/** Lines of Markdown. */
export function clientCostTable(costs: readonly ClientCost[]): string[] {
  return table(
    ['request', 'client, ms CPU', 'grpc-js alone, ms CPU', 'copies of its bytes'],
    costs.map(({ title, clientMs, grpcMs, copies }) => [
      title,
      clientMs.toFixed(3),
      grpcMs.toFixed(3),
      copies === null ? '–' : `${copies}`,
    ]),
  );
}

function messageOf({ name, datatype, shape, data }: NamedTensor) {
  const inputs = [{ name, datatype, shape: shape.map(BigInt) }];
  return create(ModelInferRequestSchema, { modelName: 'model', inputs, rawInputContents: [data] });
}

/** CPU time of this process for a request, four in flight. */
async function cpuMs(call: () => Promise<unknown>, requests: number): Promise<number> {
  const before = process.cpuUsage();
  let left = requests;
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (left-- > 0) await call();
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / requests;
}
