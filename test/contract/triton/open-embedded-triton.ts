import { createOnnxPool } from '../../../triton/onnx-pool/onnx-pool.ts';
import {
  createTritonServer,
  type TritonServer,
  type TritonServerOptions,
} from '../../../triton/server/triton-server.ts';

/** The embedded server as the contract's suites want it. */
import { fixtureModels, writeRepository } from './fixture-repository.ts';
import type { OpenTriton } from './open-triton.ts';

export const openEmbedded: OpenTriton = async ({ models = fixtureModels, loadAtStart } = {}) => {
  const { directory, remove } = await writeRepository(models);
  const explicit = loadAtStart && { modelControl: { mode: 'explicit' as const, loadModels: loadAtStart } };
  const triton = await openEmbeddedTriton(directory, explicit);
  return {
    address: triton.address,
    httpAddress: triton.httpAddress,
    repository: directory,
    async close() {
      await triton.close();
      await remove();
    },
  };
};

export type EmbeddedTriton = {
  /** `host:port` of gRPC. */
  readonly address: string;
  /** `host:port` of HTTP. */
  readonly httpAddress: string;
  readonly server: TritonServer;
  close(): Promise<void>;
};

/** An embedded server on free loopback ports, with threads of its own. */
export async function openEmbeddedTriton(
  modelRepository: string,
  options: Partial<TritonServerOptions> & { readonly threads?: number } = {},
): Promise<EmbeddedTriton> {
  const { threads = 2, ...more } = options;
  const pool = createOnnxPool({ threads, maxQueued: 1024 });
  const server = createTritonServer({ modelRepository, pool, host: '127.0.0.1', grpcPort: 0, httpPort: 0, ...more });
  const close = async (): Promise<void> => {
    await server.close();
    await pool.close();
  };
  try {
    const { grpcPort, httpPort } = await server.start();
    return { address: `127.0.0.1:${grpcPort}`, httpAddress: `127.0.0.1:${httpPort}`, server, close };
  } catch (error) {
    await close();
    throw error;
  }
}
