import { onTestFinished } from 'vitest';
import { createFaceIdClient, type FaceIdClientOptions } from '../../../face_id_api/client/index.ts';
import type { FakeOptions } from '../face_id_api/fake-deps.ts';
import { startApi } from '../face_id_api/start-api.ts';

/** The SDK before an API over fakes that listens. */
export async function startClient(options: Partial<FaceIdClientOptions> = {}, fakes: FakeOptions = {}) {
  const { app, enrol } = await startApi(fakes);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  // Otherwise closing waits for connections that the client keeps.
  onTestFinished(() => app.server.closeAllConnections());
  return { url, app, enrol, client: createFaceIdClient({ url, random: () => 0, ...options }) };
}
