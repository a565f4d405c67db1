import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildDetectorApp } from '../../../detector/app.ts';
import { createHttpApp } from '../../../detector/http/create-http-app.ts';
import { createFakeFaceFinder } from '../../api/detector/fake-face-finder.ts';
import { startApi } from '../../api/face_id_api/start-api.ts';
import { createLogLines } from '../../api/log-lines.ts';

const start = {
  'the API': async () => (await startApi()).app,
  'the detector': () => buildDetectorApp({ finder: createFakeFaceFinder(), config: { deadline_ms: 1000 } }),
};

/** What is answered to these bytes until the connection ends. */
async function answerTo(app: FastifyInstance, bytes: string) {
  onTestFinished(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(bytes);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  return { head, problem: JSON.parse(body) };
}

const chunked =
  'POST /infer HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';
const longHead = `GET /healthz HTTP/1.1\r\nHost: localhost\r\nx-a: ${'a'.repeat(17_000)}\r\n\r\n`;

describe.each(['the API', 'the detector'] as const)('what %s cannot read', name => {
  it.each([
    ['a head of more than 16 KiB', longHead, 431, 'TOO_LARGE'],
    ['what is no HTTP', 'HELLO\r\n\r\n', 400, 'INVALID_REQUEST'],
    ['a length that is none', 'POST /x HTTP/1.1\r\nHost: a\r\ncontent-length: x\r\n\r\n', 400, 'INVALID_REQUEST'],
    ['a chunk of a body that is none', `${chunked}ZZ\r\n`, 400, 'INVALID_REQUEST'],
  ])('%s: a problem with a code', async (_, bytes, status, code) => {
    const { head, problem } = await answerTo(await start[name](), bytes);
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toContain('\r\ncontent-type: application/problem+json\r\n');
    expect(head).toContain(`\r\nx-request-id: ${problem.request_id}\r\n`);
    expect(problem).toMatchObject({ type: `urn:face-id:error:${code}`, status, code, detail: expect.any(String) });
  });
});

it('a head that does not come in time is answered with a problem, too; the log has its id and nothing that was sent', async () => {
  const { logger, lines } = createLogLines();
  const app = createHttpApp({ logger, requestTimeoutMs: 1000, headTimeoutMs: 100 });
  const { head, problem } = await answerTo(app, 'GET /healthz HTTP/1.1\r\nx-secret: 42');
  expect(head).toMatch(/^HTTP\/1\.1 408 /);
  expect(problem).toMatchObject({ status: 408, code: 'DEADLINE', detail: 'The head did not arrive in time' });
  const line = lines().find(({ reqId }) => reqId === problem.request_id);
  expect(line).toMatchObject({ msg: 'request refused', code: 'DEADLINE' });
  expect(JSON.stringify(lines())).not.toContain('secret');
});
