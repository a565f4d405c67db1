import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const compiler = path.join(path.dirname(fileURLToPath(import.meta.resolve('typescript/package.json'))), 'bin/tsc');

/** Compiles a tsconfig.json to JavaScript: Node strips no types inside node_modules. */
export async function compileProject(project: string, outDir: string): Promise<void> {
  await promisify(execFile)(process.execPath, [compiler, '-p', project, '--outDir', outDir]);
}
