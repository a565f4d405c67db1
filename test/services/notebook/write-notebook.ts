import { writeFile } from 'node:fs/promises';
import { executeNotebook } from './execute-notebook.ts';
import { installJupyter } from './install-jupyter.ts';
import { codeSum, type Notebook, notebookFile } from './notebook-file.ts';

/**
 * `npm run notebook`: executes notebooks/client.ipynb against a running service (FACE_ID_URL) and stores it with its outputs. With the
 * sample photos only: no other photo of a person goes into the repository.
 */
async function writeNotebook(): Promise<void> {
  const serviceUrl = process.env.FACE_ID_URL ?? 'http://127.0.0.1:8004';
  if (process.env.FACE_ID_PHOTOS) throw new Error('The stored notebook shows the sample photos: unset FACE_ID_PHOTOS');
  await fetch(new URL('/healthz', serviceUrl)).catch(() => {
    throw new Error(`No service answers at ${serviceUrl}: run npm start, or set FACE_ID_URL`);
  });
  const jupyter = await installJupyter();
  if ('missing' in jupyter) throw new Error(jupyter.missing);
  const notebook = await executeNotebook({ jupyterDir: jupyter.dir, serviceUrl, photos: null });
  await writeFile(notebookFile, toText(notebook));
  process.stdout.write(`Written: ${notebookFile}\n`);
}

/** As Jupyter writes it, so that its own changes stay small: one space, texts as lines, cells numbered in their order. */
function toText(notebook: Notebook): string {
  let count = 0;
  const cells = notebook.cells.map(cell => {
    const source = toLines(cell.source);
    if (cell.cell_type === 'markdown') return { ...cell, source };
    return { ...cell, source, execution_count: ++count, outputs: joinStreams(cell.outputs) };
  });
  const { kernelspec } = notebook.metadata;
  const metadata = {
    face_id: { code_sha256: codeSum(notebook) },
    kernelspec,
    language_info: { file_extension: '.ts', mimetype: 'text/typescript', name: 'typescript' },
  };
  return `${JSON.stringify({ ...notebook, cells, metadata }, null, 1)}\n`;
}

type Output = Extract<Notebook['cells'][number], { cell_type: 'code' }>['outputs'][number];

/** Lines that were printed one after another become one output. */
function joinStreams(outputs: readonly Output[]): unknown[] {
  const joined: Output[] = [];
  for (const output of outputs) {
    const last = joined.at(-1);
    if (output.output_type === 'stream' && last?.output_type === 'stream' && last.name === output.name) {
      joined[joined.length - 1] = { ...last, text: last.text + output.text };
    } else {
      joined.push(output);
    }
  }
  return joined.map(output => {
    if (output.output_type === 'stream') return { ...output, text: toLines(output.text) };
    const data = Object.entries(output.data).map(([type, text]) => [
      type,
      type === 'image/jpeg' ? text : toLines(text),
    ]);
    return { ...output, data: Object.fromEntries(data) };
  });
}

function toLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

try {
  await writeNotebook();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
