import { Server, ServerCredentials } from '@grpc/grpc-js';
import { createByteBudget } from '../../../../triton/server/byte-budget.ts';
import { createGrpcServices, type GrpcServices } from '../../../../triton/server/grpc-service.ts';
import type { OnFailure } from '../../../../triton/server/grpc-unary.ts';
import type { InferenceCore } from '../../../../triton/server/inference-core.ts';

export type ServedCore = { readonly address: string; readonly services: GrpcServices; close(): void };

/** A core's gRPC services on a free loopback port. Only what a test asks of the core has to be there. */
export async function serveCore(core: Partial<InferenceCore>, onFailure: OnFailure = () => {}): Promise<ServedCore> {
  const services = createGrpcServices(core as InferenceCore, { onFailure, budget: createByteBudget(2 ** 30) });
  const server = new Server();
  for (const { definition, handlers } of services.services) server.addService(definition, handlers);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { address: `127.0.0.1:${port}`, services, close: () => server.forceShutdown() };
}
