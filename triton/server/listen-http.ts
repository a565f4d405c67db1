import type { Server } from 'node:http';

export type BoundHttp = {
  readonly port: number;
  /** Takes no more requests; those under way may end within this time, then their connections are cut. */
  close(graceMs?: number): Promise<void>;
};

export type HttpAddress = {
  /** For messages: what the port is called, and what of config.yaml sets it. */
  readonly name: string;
  readonly setting: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
};

/** Binds a server. Rejects with a sentence for the operator when the port cannot be had. */
export async function listenHttp(server: Server, { name, setting, host, port }: HttpAddress): Promise<BoundHttp> {
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, resolve);
  try {
    await listening;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `Triton's ${name} port ${host}:${port} cannot be bound: ${reason}. Set ${setting}, or stop what uses it`,
      {
        cause,
      },
    );
  }
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close(graceMs = 0) {
      const { promise: closed, resolve: onClosed } = Promise.withResolvers<void>();
      server.close(() => onClosed());
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(cut);
    },
  };
}
