import fc from 'fast-check';
import { expect, test } from 'vitest';
import { issuedKeys } from '../../api/face_id_api/issued-keys.ts';
import { startApi } from '../../api/face_id_api/start-api.ts';
import { fuzz } from '../fuzz.ts';
import { answersAsDocumented } from '../http-request.ts';

const issued = issuedKeys();

/** What may stand in a header, besides what a test would think of. */
const text = fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,100}$/);
const key = fc.oneof(fc.constantFrom(issued.read.slice(0, 21), issued.expired, issued.plain.slice(1), ''), text);
const headers = fc.record(
  {
    'x-api-key': key,
    authorization: fc.oneof(
      key.map(one => `Bearer ${one}`),
      key.map(one => `bearer  ${one} ${one}`),
      text,
    ),
    host: fc.oneof(fc.constantFrom('localhost', '[::1]', '[', ':80', '127.0.0.1:x', 'localhost:80:80'), text),
    origin: fc.oneof(fc.constantFrom('null', 'http://localhost', 'https://'), text),
    'sec-fetch-site': fc.oneof(fc.constantFrom('none', 'cross-site', 'same-origin'), text),
    'x-forwarded-for': text,
  },
  { requiredKeys: [] },
);
const url = fc.constantFrom('/identities', '/identities/1', '/metrics', '/healthz', '/nothing');
const method = fc.constantFrom('GET', 'DELETE', 'OPTIONS', 'POST');

test('no header opens what needs a key, and every answer is a documented one', async () => {
  const { app } = await startApi({ access: { keys: issued.keys, behindTlsProxy: true } });
  await fuzz(fc.record({ method, url, headers }), async request => {
    await answersAsDocumented(app, request);
    const reply = await app.inject({ ...request, method: 'GET', url: '/identities' });
    expect([401, 429]).toContain(reply.statusCode);
  });
});

test('without keys every header is answered as documented, too', async () => {
  const { app } = await startApi({ access: { cors_origins: ['https://app.example'] } });
  await fuzz(fc.record({ method, url, headers }), request => answersAsDocumented(app, request));
});
