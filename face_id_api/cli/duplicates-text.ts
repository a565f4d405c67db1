import type { Duplicate } from '../client/index.ts';
import { percent } from './face-text.ts';
import { printable } from './printable.ts';
import { textTable } from './text-table.ts';

/** Pairs of identities that may be one person, for people. */
export function duplicatesText(pairs: readonly Duplicate[]): string {
  if (pairs.length === 0) return 'Nobody seems to be enrolled twice.';
  const person = ({ id, name }: Duplicate['a']): string => (name === null ? `${id}` : `${id} (${printable(name)})`);
  const rows = pairs.map(({ a, b, score, confidence }) => [
    person(a),
    person(b),
    score.toFixed(3),
    percent(confidence),
  ]);
  const many = `${pairs.length} ${pairs.length === 1 ? 'pair' : 'pairs'} that may be one person each.`;
  return `${textTable(['this', 'and this', 'score', 'confidence'], rows)}\n${many}`;
}
