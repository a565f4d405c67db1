import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompress } from '../../../../../triton/server/http/content-coding.ts';

describe('a compressed body', () => {
  it('decompresses to what it may be, and to no byte more', async () => {
    const body = Buffer.alloc(100_000, 1);
    expect(await decompress(gzipSync(body), body.length)).toEqual(body);
    await expect(decompress(gzipSync(body), body.length - 1)).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: 'request body: expected at most 99999 bytes after decompression',
    });
  });

  it('is refused when it was cut off or is no compressed data', async () => {
    const invalid = { name: 'StatusError', code: 'INVALID_ARGUMENT' };
    await expect(decompress(gzipSync('hello').subarray(0, 15), 100)).rejects.toMatchObject(invalid);
    await expect(decompress(Buffer.from('hello'), 100)).rejects.toMatchObject(invalid);
  });
});
