import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../../config.ts';

const parse = (text: string, env: Record<string, string> = {}) =>
  parseConfig({ text, file: 'config.yaml', baseDir: '/base', env });

function issuesOf(text: string, env: Record<string, string> = {}): string {
  try {
    parse(text, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('the configuration was accepted');
}

describe('parseConfig', () => {
  it('gives every default for an empty file', () => {
    const config = parse('');
    expect(config.api).toMatchObject({
      host: '127.0.0.1',
      port: 8004,
      admin_key_file: null,
      cors_origins: [],
      tls: null,
    });
    expect(config.detector.min_face_size).toBe(40);
    expect(config.data_dir).toBe(path.resolve('/base/data_dir'));
  });

  it('reads the config.yaml of this repository as the defaults that it documents', async () => {
    const text = await readFile(new URL('../../config.yaml', import.meta.url), 'utf8');
    expect(parse(text)).toEqual(parse(''));
  });

  it('lets the environment win over the file, with JSON values or text', () => {
    const config = parse('triton: {grpc_port: 1}', {
      FACE_ID__TRITON__GRPC_PORT: '9001',
      FACE_ID__DETECTOR__THRESHOLDS: '[0.5, 0.6, 0.7]',
      FACE_ID__MODELS__MIRROR: '/weights',
      FACE_ID__DATA_DIR: '/srv/faces',
      PATH: '/bin',
    });
    expect(config.triton.grpc_port).toBe(9001);
    expect(config.detector.thresholds).toEqual([0.5, 0.6, 0.7]);
    expect(config.models.mirror).toBe('/weights');
    expect(config.data_dir).toBe('/srv/faces');
  });

  it('lists every issue at once, with path, bound and value', () => {
    const message = issuesOf('api: {port: 99999}\ndetector: {name: haar, colour: red}\nbogus: 1');
    expect(message).toMatch(/api\.port: .*65535.*got 99999/);
    expect(message).toMatch(/detector\.name: .*mtcnn.*got "haar"/);
    expect(message).toMatch(/detector: .*colour/);
    expect(message).toMatch(/bogus/);
  });

  it('takes a key from the environment, which no message repeats, or a file of one beside the configuration', () => {
    expect(parse('', { FACE_ID__ENCRYPTION__KEY: 'ab'.repeat(32) }).encryption.key).toBe('ab'.repeat(32));
    expect(parse('encryption: {key_file: secrets/key}').encryption.key_file).toBe(path.resolve('/base/secrets/key'));
    expect(issuesOf('', { FACE_ID__ENCRYPTION__KEY: '123456789' })).not.toContain('123456789');
    const both = issuesOf('encryption: {key_file: f}', { FACE_ID__ENCRYPTION__KEY: 'geheim' });
    expect(both).toMatch(/encryption: expected key or key_file, got both/);
    expect(both).not.toContain('geheim');
  });

  it('takes names of models to load, or * alone', () => {
    expect(parse('triton: {load_models: []}').triton.load_models).toEqual([]);
    expect(issuesOf("triton: {load_models: ['*', a]}")).toMatch(
      /triton\.load_models: expected names of models, or '\*' alone/,
    );
  });

  it.each([
    'host',
    'http://x:8001',
    'grpc://x:8001',
    'x:',
    ':8001',
    'x:0',
    'x:65536',
    'x:8001/',
    '::1',
    '[::1]',
    '[x]:8001',
    'a b:1',
    '',
  ])('refuses %j as triton.url', url => {
    expect(issuesOf('', { FACE_ID__TRITON__URL: url })).toMatch(
      /triton\.url: expected "embedded", or host:port of a Triton's gRPC endpoint .*, got "/,
    );
  });

  it.each([
    ...['embedded', 'triton:8001', '127.0.0.1:9', 'my_gpu-1.example.org:65535', '[::1]:8001', '[fe80::1%eth0]:8001'],
    ...['dns:triton:8001', 'dns:///triton:8001', 'ipv4:127.0.0.1:8001', 'ipv6:[::1]:8001', 'unix:/run/triton.sock'],
  ])('takes %s as triton.url, as gRPC does', url => {
    expect(parse(`triton: {url: '${url}'}`).triton.url).toBe(url);
  });

  it('refuses an unknown key from the environment', () => {
    expect(issuesOf('', { FACE_ID__TRITON__GPRC_PORT: '1' })).toMatch(/gprc_port/);
    expect(issuesOf('', { FACE_ID__DATA_DIR__X: '1' })).toMatch(/data_dir/);
  });

  it('names the place where the YAML breaks', () => {
    expect(issuesOf('api: [1')).toMatch(/config\.yaml is not valid YAML.*1:/s);
    expect(issuesOf('- 1')).toMatch(/expected one document/);
  });

  it('is frozen to the last section', () => {
    const config = parse('');
    expect(() => Object.assign(config.api, { port: 1 })).toThrow(TypeError);
  });
});
