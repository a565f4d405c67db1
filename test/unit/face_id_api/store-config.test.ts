import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../config.ts';

const parse = (store: object, env: Record<string, string> = {}) =>
  parseConfig({ text: JSON.stringify({ store }), file: 'config.yaml', baseDir: '/base', env }).store;
const elasticsearch = { kind: 'elasticsearch', urls: ['https://es:9200'] };

describe('store: of config.yaml', () => {
  it('is local unless told otherwise, and takes no key of the other', () => {
    expect(parseConfig({ text: '', file: 'config.yaml', baseDir: '/', env: {} }).store).toEqual({ kind: 'local' });
    expect(() => parse({ kind: 'local', prefix: 'x' })).toThrow(/prefix/);
    expect(() => parse({ kind: 'postgres' })).toThrow(/store\.kind/);
  });

  it('takes the environment, and files beside its own', () => {
    const env = { FACE_ID__STORE__API_KEY: 'c2VjcmV0' };
    expect(parse({ ...elasticsearch, ca_file: 'ca.pem' }, env)).toMatchObject({
      index_type: 'int8_hnsw',
      api_key: 'c2VjcmV0',
      ca_file: path.resolve('/base/ca.pem'),
    });
  });

  it.each([
    [{ username: 'elastic' }, /username and password together/],
    [{ password: 'hunter2' }, /username and password together/],
    [{ username: 'a', password: 'hunter2', api_key: 'hunter2' }, /an API key or a password/],
    [{ username: 'a', password: 'hunter2', password_file: 'f' }, /password or password_file/],
    [{ urls: ['https://elastic:hunter2@es:9200'] }, /no credentials in an address/],
    [{ username: 'a', password: 4711 }, /in double quotes/],
    [{ prefix: 'a.b' }, /store\.prefix/],
    [{ urls: [] }, /store\.urls/],
  ])('refuses %j in words, without the secret', (given, message) => {
    let text = '';
    try {
      parse({ ...elasticsearch, ...given });
    } catch (error) {
      text = String(error);
    }
    expect(text).toMatch(message);
    expect(text).not.toMatch(/hunter2|4711/);
  });
});
