import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const client = path.resolve(import.meta.dirname, '../../../../triton/client');

it("quotes every example in the package's README as it stands, and nothing else as TypeScript", () => {
  const readme = readFileSync(path.join(client, 'README.md'), 'utf8');
  const quoted = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(match => match[1]);
  const examples = globSync('examples/*.ts', { cwd: client }).map(file =>
    readFileSync(path.join(client, file), 'utf8'),
  );
  expect(examples.length).toBeGreaterThan(0);
  expect(quoted.toSorted()).toEqual(examples.toSorted());
});
