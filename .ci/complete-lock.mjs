// A registry mirror may lack the packages of other platforms. npm then leaves them out of package-lock.json, and npm 11's `npm ci`
// refuses that lock. This adds what optionalDependencies name: version, os, cpu and libc, which is all that npm needs to skip or fetch them.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const platform = /(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|armv7|ia32|x64)(-musl)?$/;

for (const { optionalDependencies = {}, dev } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const [, os, cpu, musl] = platform.exec(name) ?? [];
    if (os === undefined || lock.packages[`node_modules/${name}`] !== undefined) continue;
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu === 'armv7' ? 'arm' : cpu],
      ...(musl ? { libc: ['musl'] } : {}),
      ...(dev ? { dev } : {}),
      optional: true,
      os: [os],
    };
    process.stdout.write(`${name} ${version}\n`);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
