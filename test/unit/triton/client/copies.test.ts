import { once } from 'node:events';
import { createServer } from 'node:http2';
import { expect, it, onTestFinished } from 'vitest';
import { tensor } from '../../../../triton/client/create-tensor.ts';
import { createTritonClient } from '../../../../triton/client/create-triton-client.ts';
import { countCopies } from '../../../bench/count-copies.ts';

it('copies a batch twice between the caller and the socket: into the message, and into its gRPC frame', async () => {
  let received = 0;
  const server = createServer();
  server.on('stream', stream => {
    stream.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5' }, { endStream: true });
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = createTritonClient({ address: `127.0.0.1:${port}`, checkRequests: false });
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  const size = 32 * 3 * 160 * 160;
  const inputs = [tensor('INPUT__0', 'UINT8', [32, 3, 160, 160], new Uint8Array(size))];
  const copies = await countCopies(size, () => client.infer({ model: 'm', inputs }).catch(() => undefined));
  expect(received).toBeGreaterThan(size);
  expect(copies).toBe(2);
});
