import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';

/** `notebooks/client.ipynb`. */
export const notebookFile = path.resolve(import.meta.dirname, '../../../notebooks/client.ipynb');

const lines = z.union([z.string(), z.array(z.string()).transform(parts => parts.join(''))]);

const outputSchema = z.discriminatedUnion('output_type', [
  z.object({ output_type: z.literal('stream'), name: z.string(), text: lines }),
  z.object({ output_type: z.literal('display_data'), data: z.record(z.string(), lines), metadata: z.unknown() }),
]);

const cellSchema = z.discriminatedUnion('cell_type', [
  z.object({ cell_type: z.literal('markdown'), id: z.string(), metadata: z.unknown(), source: lines }),
  z.object({
    cell_type: z.literal('code'),
    id: z.string(),
    metadata: z.unknown(),
    source: lines,
    execution_count: z.int().nullable(),
    outputs: z.array(outputSchema),
  }),
]);

/** What of nbformat 4.5 this notebook uses; an output of another kind (an error, a result) is a fault. */
const notebookSchema = z.object({
  cells: z.array(cellSchema),
  metadata: z.looseObject({
    /** SHA-256 of the code that made the stored outputs. */
    face_id: z.object({ code_sha256: z.string() }).optional(),
  }),
  nbformat: z.literal(4),
  nbformat_minor: z.int(),
});

export type Notebook = z.infer<typeof notebookSchema>;
export type CodeCell = Extract<Notebook['cells'][number], { cell_type: 'code' }>;

export function parseNotebook(text: string): Notebook {
  return notebookSchema.parse(JSON.parse(text));
}

export function codeCells({ cells }: Notebook): CodeCell[] {
  return cells.filter(cell => cell.cell_type === 'code');
}

/** SHA-256 over the code, cell by cell. */
export function codeSum(notebook: Notebook): string {
  const sources = codeCells(notebook).map(({ source }) => source);
  return createHash('sha256').update(sources.join('\0')).digest('hex');
}

/** What a cell printed. */
export function printedBy(notebook: Notebook, id: string): string {
  const outputs = codeCells(notebook).find(cell => cell.id === id)?.outputs ?? [];
  return outputs.map(output => (output.output_type === 'stream' ? output.text : '')).join('');
}

/** What a cell displayed, by media type; the last of each. */
export function displayedBy(notebook: Notebook, id: string): Record<string, string> {
  const outputs = codeCells(notebook).find(cell => cell.id === id)?.outputs ?? [];
  return Object.assign({}, ...outputs.map(output => (output.output_type === 'display_data' ? output.data : {})));
}
