import { readFileSync } from 'node:fs';
import path from 'node:path';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../config.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

type Service = {
  read_only?: boolean;
  security_opt: string[];
  cap_drop: string[];
  mem_limit: string;
  pids_limit: number;
  ports?: string[];
  privileged?: boolean;
  profiles?: string[];
  networks: string[];
  environment?: Record<string, string | null>;
};
type ComposeFile = {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
  secrets: Record<string, { file: string }>;
};

const text = read('docker-compose.yml');
const compose = load(text, { schema: YAML11_SCHEMA }) as ComposeFile;
const overlay = load(read('deploy/compose.elasticsearch.yml')) as { services: Record<string, Partial<Service>> };
const services = Object.entries(compose.services);

describe('docker-compose.yml', () => {
  it.each(services)('contains %s: no capability, no new privileges, bounds', (_, service) => {
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    expect(service.mem_limit).toMatch(/^\$\{FACE_ID_\w+_MEMORY:-\d+[mg]\}$/);
    expect(service.pids_limit).toBeGreaterThan(0);
    expect(service.privileged).toBeUndefined();
  });

  it('starts our three by default, each on a file system that it cannot write', () => {
    const ours = services.filter(([, { profiles }]) => profiles === undefined);
    expect(ours.map(([name]) => name).sort()).toEqual(['api', 'detector', 'triton']);
    for (const [, service] of ours) expect(service.read_only).toBe(true);
  });

  it('publishes the API alone, on loopback; the others have no network with a way out', () => {
    expect(services.filter(([, { ports }]) => ports).map(([name]) => name)).toEqual(['api']);
    expect(compose.services.api?.ports).toEqual([expect.stringContaining(':-127.0.0.1:')]);
    for (const [name, { networks }] of services) {
      if (name === 'api') continue;
      for (const network of networks) expect(compose.networks[network]?.internal).toBe(true);
    }
  });

  it('has no secret but files of a folder that neither git nor a build takes', () => {
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\.\/secrets\/\w+$/);
    expect(read('.gitignore')).toMatch(/^\/secrets\/$/m);
    expect(read('.dockerignore')).not.toContain('secrets');
    expect(read('.dockerignore')).toMatch(/^\*$/m);
    expect(text).not.toMatch(/^\s*\w*(password|key):\s*(?!\/run\/secrets\/|\{ file:)\S/im);
  });

  it('sets only keys that the configuration has', () => {
    const environments = [...services.map(([, service]) => service), ...Object.values(overlay.services)].map(
      ({ environment = {} }) => environment,
    );
    const env = Object.assign({}, ...environments);
    // Handed through with the shell's value: any of the right kind.
    const examples: Record<string, string> = {
      FACE_ID__DECISION__FMR: '0.01',
      FACE_ID__API__BEHIND_TLS_PROXY: 'true',
      FACE_ID__API__CORS_ORIGINS: '["https://app.example"]',
      FACE_ID__DETECTOR__MAX_SIDE: '1024',
      FACE_ID__DETECTOR__MIN_FACE_SIZE: '20',
      FACE_ID__MODELS__COMMERCIAL_ONLY: 'true',
    };
    const handed = Object.keys(env).filter(name => name.startsWith('FACE_ID__') && env[name] === null);
    expect(handed.sort()).toEqual(Object.keys(examples).sort());
    const given = Object.fromEntries(
      Object.entries<string | null>({ ...env, ...examples }).map(([name, value]) => [
        name,
        (value ?? '').replace(/\$\{\w+:-([^}]*)\}/g, '$1'),
      ]),
    );
    const config = parseConfig({ text: read('config.yaml'), file: 'config.yaml', baseDir: root, env: given });
    expect(config.store.kind).toBe('elasticsearch');
    expect(config.triton.url).toBe('triton:8001');
  });

  it('has every variable in docs/docker.md, and that names no other', () => {
    const namesIn = (given: string): string[] => [...new Set(given.match(/FACE_ID_[A-Z][A-Z_]*[A-Z]/g))].sort();
    const hasStore = (name: string): boolean => name !== 'FACE_ID__STORE';
    expect(namesIn(read('docs/docker.md')).filter(hasStore)).toEqual(namesIn(text));
  });
});
