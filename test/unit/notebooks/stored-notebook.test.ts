import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { codeCells, codeSum, displayedBy, notebookFile, parseNotebook } from '../../services/notebook/notebook-file.ts';

const text = readFileSync(notebookFile, 'utf8');
const notebook = parseNotebook(text);

test('the outputs in the stored notebook are those of its code; after a change: npm run notebook', () => {
  expect(notebook.metadata.face_id?.code_sha256).toBe(codeSum(notebook));
  codeCells(notebook).forEach(({ id, execution_count, outputs }, i) => {
    expect(execution_count, id).toBe(i + 1);
    expect(outputs.length, id).toBeGreaterThan(0);
  });
});

test('it shows a picture and a chart, and is small enough to be looked at on the web', () => {
  expect(displayedBy(notebook, 'picture')).toHaveProperty(['image/jpeg']);
  expect(displayedBy(notebook, 'histogram')).toHaveProperty(['image/svg+xml']);
  expect(text.length).toBeLessThan(1_500_000);
});

test('nothing in it names the machine that it was made on', () => {
  const root = path.resolve(import.meta.dirname, '../../..');
  for (const trace of [root, os.homedir(), os.hostname(), os.tmpdir()]) expect(text).not.toContain(`${trace}/`);
  // An absolute path of two names or more; `</svg>` and URLs are none, and base64 is not looked at.
  const absolutePath = /(^|[\s"'(=])(\/[\w.-]+){2,}/;
  const shown = codeCells(notebook).flatMap(({ outputs }) =>
    outputs.map(output => (output.output_type === 'stream' ? output.text : (output.data['image/svg+xml'] ?? ''))),
  );
  expect(shown.filter(words => absolutePath.test(words))).toEqual([]);
});
