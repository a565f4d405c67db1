import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../config.ts';
import { openAccess } from '../../../face_id_api/open-access.ts';
import { tempFolder } from '../../unit/triton/build/temp-folder.ts';
import { startApi } from './start-api.ts';

const missing =
  spawnSync('openssl', ['version']).status === 0 ? '' : ' (skipped: no openssl to make a certificate with)';

async function certificate() {
  const folder = await tempFolder();
  const [cert_file, key_file] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
  const ec = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', [...ec, ...names, '-keyout', key_file, '-out', cert_file], { stdio: 'ignore' });
  return { folder, cert_file, key_file };
}

const open = (tls: object, folder: string) =>
  openAccess(
    parseConfig({ text: JSON.stringify({ api: { tls }, data_dir: folder }), file: 'test', baseDir: folder, env: {} }),
    { logger: { info: () => {}, error: () => {} } },
  );

describe.skipIf(missing !== '')(`api.tls${missing}`, () => {
  it('serves HTTPS with the given certificate, and says that it is to be used from now on', async () => {
    const { folder, cert_file, key_file } = await certificate();
    const access = await open({ cert_file, key_file }, folder);
    const { app } = await startApi({ access });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const ca = await readFile(cert_file);
    const request = https.get({ port, host: '127.0.0.1', servername: 'localhost', path: '/healthz', ca });
    const [reply] = (await once(request, 'response')) as [{ statusCode: number; headers: object; resume(): void }];
    reply.resume();
    expect([reply.statusCode, reply.headers]).toMatchObject([200, { 'strict-transport-security': expect.any(String) }]);
    access.close();
  });

  it('refuses a key that is another certificate’s, and files that are not there, in words', async () => {
    const [one, other] = [await certificate(), await certificate()];
    const mixed = { cert_file: one.cert_file, key_file: other.key_file };
    await expect(open(mixed, one.folder)).rejects.toThrow(/api\.tls: expected a certificate and its private key/);
    const absent = { cert_file: path.join(one.folder, 'none.pem'), key_file: one.key_file };
    await expect(open(absent, one.folder)).rejects.toThrow(/api\.tls\.cert_file: .*none\.pem cannot be read/);
  });
});
