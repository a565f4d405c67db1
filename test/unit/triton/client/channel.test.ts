import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServerCredentials } from '@grpc/grpc-js';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { createTritonClient } from '../../../../triton/client/create-triton-client.ts';
import { clientAndFake, request } from './client-and-fake.ts';
import { openFakeTriton } from './open-fake-triton.ts';

describe('metadata', () => {
  it("goes with every call, the call's own over the client's, behind the client's name", async () => {
    const seen: Record<string, unknown>[] = [];
    const { client } = await clientAndFake(
      {
        serverLive(_, { metadata }) {
          seen.push(metadata.getMap());
          return { live: true };
        },
      },
      { metadata: { authorization: 'Bearer a', tenant: 't' }, userAgent: 'demo/1.0' },
    );
    await client.serverLive();
    await client.serverLive({ metadata: { authorization: 'Bearer b' } });
    expect(seen).toMatchObject([
      { authorization: 'Bearer a', tenant: 't' },
      { authorization: 'Bearer b', tenant: 't' },
    ]);
    expect(seen[0]?.['user-agent']).toMatch(/^demo\/1\.0 grpc-node-js\//);
  });

  it('goes with a stream', async () => {
    const tenant = Promise.withResolvers<unknown>();
    const { client } = await clientAndFake({
      modelStreamInfer: stream => tenant.resolve(stream.metadata.get('tenant')),
    });
    client.openStream({ metadata: { tenant: 't' } });
    expect(await tenant.promise).toEqual(['t']);
  });

  it('that gRPC cannot carry is refused without its value', async () => {
    const make = () => createTritonClient({ address: 'localhost:1', metadata: { authorization: 'secret\n' } });
    expect(make).toThrow('metadata: expected names and texts of gRPC, got [authorization]');
  });
});

describe('closing', () => {
  it('waits for the calls in flight and refuses further ones', async () => {
    const live = Promise.withResolvers<{ live: boolean }>();
    const came = Promise.withResolvers<void>();
    const { client } = await clientAndFake({
      serverLive() {
        came.resolve();
        return live.promise;
      },
    });
    const call = client.serverLive();
    await came.promise;
    const closed = client.close();
    await expect(client.serverReady()).rejects.toMatchObject({ code: 'CANCELLED', message: 'the client is closed' });
    await expect(client.infer(request)).rejects.toMatchObject({ code: 'CANCELLED', model: 'm' });
    expect(() => client.openStream()).toThrow('the client is closed');
    live.resolve({ live: true });
    expect(await call).toBe(true);
    await closed;
    await client.close();
  });

  it('cancels what is left after its grace, on the server too', async () => {
    const cancelled = Promise.withResolvers<void>();
    const came = Promise.withResolvers<void>();
    const { client } = await clientAndFake({
      async serverLive(_, call) {
        came.resolve();
        await call.cancelled;
        cancelled.resolve();
        return { live: true };
      },
      modelStreamInfer: () => undefined,
    });
    client.openStream();
    const call = client.serverLive();
    await came.promise;
    const [outcome] = await Promise.allSettled([call, client.close({ graceMs: 10 })]);
    expect(outcome).toMatchObject({ reason: { name: 'TritonError', code: 'CANCELLED' } });
    await cancelled.promise;
  });

  it('comes with the end of an await using', async () => {
    const { fake } = await clientAndFake({ serverLive: () => ({ live: true }) });
    let outside: ReturnType<typeof createTritonClient> | undefined;
    {
      await using client = createTritonClient({ address: fake.address });
      expect(await client.serverLive()).toBe(true);
      outside = client;
    }
    await expect(outside.serverLive()).rejects.toMatchObject({ message: 'the client is closed' });
  });
});

describe('a server that takes the connection and says nothing', () => {
  it('is away, not slow', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await using client = createTritonClient({ address, connectMs: 50, deadlineMs: 60_000 });
    const away = { code: 'UNAVAILABLE', message: 'no connection to the server' };
    await expect(client.serverLive()).rejects.toMatchObject(away);
    await expect(client.infer(request)).rejects.toMatchObject({ ...away, model: 'm' });
  });
});

const pki = makeCertificates();
afterAll(() => {
  if ('directory' in pki) rmSync(pki.directory, { recursive: true });
});

describe.skipIf('missing' in pki)(`TLS${'missing' in pki ? ` (skipped: ${pki.missing})` : ''}`, () => {
  const pem = (name: string): Buffer => readFileSync(path.join('directory' in pki ? pki.directory : '', name));
  const live = { serverLive: () => ({ live: true }) };

  async function open(checkClient: boolean): Promise<string> {
    const pair = { private_key: pem('server.key'), cert_chain: pem('server.pem') };
    const fake = await openFakeTriton(live, ServerCredentials.createSsl(pem('root.pem'), [pair], checkClient));
    onTestFinished(() => fake.close());
    return fake.address;
  }

  async function ask(address: string, tls: NonNullable<Parameters<typeof createTritonClient>[0]['tls']>) {
    await using client = createTritonClient({ address, tls, deadlineMs: 10_000 });
    return await client.serverLive();
  }

  it('trusts the root that it is given, for the name in the certificate', async () => {
    const address = await open(false);
    const rootCertificates = pem('root.pem');
    expect(await ask(address, { rootCertificates, serverName: 'triton.test' })).toBe(true);
    await expect(ask(address, { rootCertificates })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(ask(address, { serverName: 'triton.test' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(ask(address, true)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('shows its own certificate to a server that asks for one', async () => {
    const address = await open(true);
    const trust = { rootCertificates: pem('root.pem').toString(), serverName: 'triton.test' };
    const own = { certificate: pem('client.pem'), privateKey: pem('client.key').toString() };
    expect(await ask(address, { ...trust, ...own })).toBe(true);
    await expect(ask(address, trust)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(() => createTritonClient({ address, tls: { ...trust, certificate: own.certificate } })).toThrow(
      expect.objectContaining({ name: 'TritonError', code: 'INVALID_ARGUMENT' }),
    );
  });
});

/** A root and what it signed, by openssl: keys are not kept in a repository. */
function makeCertificates(): { readonly directory: string } | { readonly missing: string } {
  const directory = mkdtempSync(path.join(tmpdir(), 'triton-tls-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const newKey = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  try {
    openssl(...newKey, '-subj', '/CN=root', '-keyout', 'root.key', '-out', 'root.pem');
    for (const name of ['server', 'client']) {
      const signed = ['-CA', 'root.pem', '-CAkey', 'root.key', '-addext', 'basicConstraints=critical,CA:FALSE'];
      const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:triton.test'];
      openssl(...newKey, ...subject, ...signed, '-keyout', `${name}.key`, '-out', `${name}.pem`);
    }
    return { directory };
  } catch (error) {
    rmSync(directory, { recursive: true });
    return {
      missing: `openssl 3 makes no certificates here: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
    };
  }
}
