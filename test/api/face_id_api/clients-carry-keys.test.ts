import { describe, expect, it } from 'vitest';
import { createDemoClient } from '../../../face_id_api/demo/demo-client.ts';
import { createEnrolClient } from '../../../face_id_api/gallery/enrol-client.ts';
import { photo } from './fake-deps.ts';
import { issuedKeys } from './issued-keys.ts';
import { startApi } from './start-api.ts';

const issued = issuedKeys();

async function listen(access: object = { keys: issued.keys }): Promise<string> {
  const { app } = await startApi({ access });
  return app.listen({ host: '127.0.0.1', port: 0 });
}

describe('a client of the project', () => {
  it('that is the demo asks and enrols with its key', async () => {
    const url = await listen();
    const client = createDemoClient(url, issued.admin);
    expect(await client.generate('ada', photo(1))).toBeNull();
    expect(await client.infer(photo(1))).toMatchObject([{ id: 'ada' }]);
    await expect(createDemoClient(url, null).infer(photo(1))).rejects.toThrow(/401/);
  });

  it('that is bulk enrolment does, and says in the service’s words what its key lacks', async () => {
    const url = await listen();
    const signal = AbortSignal.timeout(60_000);
    const ada = { id: 'ada', photos: [{ path: 'ada.jpg', bytes: photo(1) }], name: undefined };
    const client = createEnrolClient(url, 'default', issued.plain);
    expect(await client.enrol(ada, signal)).toMatchObject({ enrolled: 1 });
    expect((await client.sourcesOf('ada', signal)).size).toBe(1);
    await expect(createEnrolClient(url, 'default', issued.read).enrol(ada, signal)).rejects.toThrow(
      /403 FORBIDDEN: Expected a key with the scope enrol/,
    );
    await expect(createEnrolClient(url, 'default', null).enrol(ada, signal)).rejects.toThrow(/401 UNAUTHENTICATED/);
  });
});
