import path from 'node:path';
import { fetchFromMirror } from './fetch-from-mirror.ts';
import { fetchFromNpm, type ResolvePackage, resolveInstalledPackage } from './fetch-from-npm.ts';
import { fetchFromWheel, type WheelOptions } from './fetch-from-wheel.ts';
import { fetchOverHttps, type HttpsOptions } from './fetch-over-https.ts';
import type { Sources } from './source.ts';

export type SourcesOptions = {
  /** `models.mirror`; null: none. */
  readonly mirror: string | null;
  readonly resolvePackage?: ResolvePackage;
  readonly wheel?: Partial<WheelOptions>;
  readonly https?: Partial<HttpsOptions>;
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
  return {
    locate(place) {
      if (place.kind === 'mirror') return mirror === null ? '(models.mirror)' : path.join(mirror, place.folder);
      if (place.kind === 'npm') return `${place.package}@${place.version}`;
      if (place.kind === 'wheel') return place.requirement;
      return `github.com/${place.repository}@${place.commit}`;
    },
    has: place => place.kind !== 'mirror' || mirror !== null,
    async fetch(place, request) {
      if (place.kind === 'npm') return await fetchFromNpm(resolvePackage, place, request);
      if (place.kind === 'wheel') return await fetchFromWheel(wheel, place, request);
      if (place.kind === 'https') return await fetchOverHttps(https, place, request);
      if (mirror !== null) return await fetchFromMirror(mirror, place, request);
      const names = request.files.map(file => `${place.folder}/${file.name}`).join(', ');
      return { ok: false, reason: 'not configured', remedy: `set models.mirror to a folder that holds ${names}` };
    },
  };
}
