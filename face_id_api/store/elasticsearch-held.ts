import type { estypes } from '@elastic/elasticsearch';
import type { IdentityDocument } from './elasticsearch-documents.ts';
import { ElasticsearchItemError } from './elasticsearch-error.ts';

/** A document with what a write of it has to name, so that it replaces this one and no later one. */
export type Held = {
  readonly document: IdentityDocument;
  readonly if_seq_no: number;
  readonly if_primary_term: number;
};

/** Null where there is no such document. */
export function toHeld(found: estypes.GetGetResult<IdentityDocument>): Held | null {
  if ('error' in found) throw new ElasticsearchItemError(404, 'index_not_found_exception', 'the index is gone');
  const { found: isThere, _source, _seq_no, _primary_term } = found;
  if (!isThere || _source === undefined || _seq_no === undefined || _primary_term === undefined) return null;
  return { document: _source, if_seq_no: _seq_no, if_primary_term: _primary_term };
}

/** What a write says about the document that it replaces. */
export function precondition(held: Held | null) {
  if (held === null) return { op_type: 'create' as const };
  return { if_seq_no: held.if_seq_no, if_primary_term: held.if_primary_term };
}
