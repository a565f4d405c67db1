import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Notebook, notebookFile, parseNotebook } from './notebook-file.ts';

export type ExecuteOptions = {
  /** Where `install.sh` put Jupyter. */
  readonly jupyterDir: string;
  /** Base URL of a running API. */
  readonly serviceUrl: string;
  /** FACE_ID_PHOTOS; null for the sample photos. */
  readonly photos: string | null;
};

/** Runs every cell of the stored notebook from the top, in its folder. Rejects with what the kernel said where a cell fails. */
export async function executeNotebook({ jupyterDir, serviceUrl, photos }: ExecuteOptions): Promise<Notebook> {
  const work = await mkdtemp(path.join(tmpdir(), 'face-id-notebook-'));
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    // The kernel runs in this Node, and nothing of Jupyter's lands in the user's folders.
    PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
    JUPYTER_PATH: path.join(jupyterDir, 'share/jupyter'),
    JUPYTER_CONFIG_DIR: path.join(work, 'config'),
    JUPYTER_DATA_DIR: path.join(work, 'data'),
    JUPYTER_RUNTIME_DIR: path.join(work, 'runtime'),
    FACE_ID_URL: serviceUrl,
    FACE_ID_PHOTOS: photos ?? undefined,
  };
  const args = ['--to', 'notebook', '--execute', notebookFile, '--output-dir', work, '--output', 'executed.ipynb'];
  const settings = ['--ExecutePreprocessor.timeout=300', '--ExecutePreprocessor.record_timing=False'];
  try {
    await promisify(execFile)(path.join(jupyterDir, 'venv/bin/jupyter-nbconvert'), [...args, ...settings], { env });
    return parseNotebook(await readFile(path.join(work, 'executed.ipynb'), 'utf8'));
  } finally {
    await rm(work, { recursive: true });
  }
}
