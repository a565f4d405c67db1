import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { installOnce } from '../install-once.ts';

/** Where the server was installed, or why it could not be. */
export type RealElasticsearch = { readonly run: string } | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    realElasticsearch: RealElasticsearch;
  }
}

const here = import.meta.dirname;
const target = path.resolve(here, '../../../.cache/elasticsearch');

/** vitest's global setup: installs the server into .cache/elasticsearch once, again when the recipe has changed. */
export default async function installElasticsearch(project: TestProject): Promise<void> {
  const reason = await installOnce({
    target,
    recipe: ['install.sh', 'pom.xml', 'Node.java'].map(file => path.join(here, file)),
    scripts: [{ file: path.join(here, 'install.sh'), args: [target] }],
  });
  const missing = `Elasticsearch could not be installed from Maven Central: ${reason}`;
  project.provide('realElasticsearch', reason === null ? { run: path.join(target, 'run.sh') } : { missing });
}
