/** A column of vectors: with the table's integer primary key, and SQL for the gallery of a row and for what `VectorSeal` calls the row. */
export type SealedColumn = {
  readonly table: string;
  readonly column: string;
  readonly gallery: string;
  readonly row: string;
};

/** Every column that holds vectors, each written and read through the store's `VectorSeal`: what a conversion has to rewrite. */
export const sealedColumns: readonly SealedColumn[] = [
  { table: 'template', column: 'vector', gallery: 'gallery', row: "'template:' || id" },
  { table: 'identity', column: 'person', gallery: 'gallery', row: "'person:' || key" },
  { table: 'rejection', column: 'vector', gallery: 'gallery', row: "'rejection:' || id" },
  { table: 'unknown_face', column: 'vector', gallery: 'gallery', row: "'unknown:' || id" },
];

/** SQL that has a row for every vector of a column. */
export function selectVector({ table, column }: SealedColumn): string {
  return `SELECT 1 FROM ${table} WHERE ${column} IS NOT NULL`;
}
