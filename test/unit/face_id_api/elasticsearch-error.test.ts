import { once } from 'node:events';
import { createServer } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ServiceError } from '../../../detector/errors.ts';
import { createElasticsearchClient } from '../../../face_id_api/store/elasticsearch-client.ts';
import { translateElasticsearchError } from '../../../face_id_api/store/elasticsearch-error.ts';

/** What becomes of a write with a vector, to a server that answers so. */
async function failedWrite(status: number, type: string, reason: string): Promise<ServiceError> {
  const body = JSON.stringify({ error: { type, reason }, status });
  const headers = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' };
  let authorization: string | undefined;
  const server = createServer((request, response) => {
    authorization = request.headers.authorization;
    response.writeHead(status, headers).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const client = createElasticsearchClient({
    urls: [`http://127.0.0.1:${port}`],
    auth: { apiKey: 'c2VjcmV0LWtleQ==' },
    ca: null,
    timeoutMs: 1000,
  });
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  const failed = await client.index({ index: 'i', document: { vector: [0.12345] } }).catch(error => error);
  expect(authorization).toBe('ApiKey c2VjcmV0LWtleQ==');
  const translated = translateElasticsearchError(failed);
  expect(translated).toBeInstanceOf(ServiceError);
  return translated as ServiceError;
}

describe('translateElasticsearchError', () => {
  it.each([
    [401, 'security_exception', 'missing credentials', 'DEPENDENCY_DOWN', /credentials/],
    [403, 'security_exception', 'is unauthorized', 'DEPENDENCY_DOWN', /privilege/],
    [429, 'es_rejected_execution_exception', 'queue', 'DEPENDENCY_DOWN', /cannot take/],
    [429, 'cluster_block_exception', 'disk usage exceeded flood-stage watermark', 'STORAGE_FAILED', /disks/],
    [400, 'document_parsing_exception', 'vector: 0.12345', 'STORAGE_FAILED', /400 document_parsing_exception/],
  ])('%d %s %s: %s', async (status, type, reason, code, message) => {
    const error = await failedWrite(status, type, reason);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.retryAfterSeconds).toBe(code === 'DEPENDENCY_DOWN' ? 5 : undefined);
    expect(inspect(error, { depth: 20 })).not.toMatch(/c2VjcmV0|0\.12345/);
  });

  it('leaves other errors as they are', () => {
    const own = new RangeError('x');
    expect(translateElasticsearchError(own)).toBe(own);
  });
});
