import type { FileSeal } from '../encryption/sealed-file.ts';
import type { Look, Nearest } from './nearest.ts';

/** What the index thread is asked, one index a gallery, by the gallery's key. Keys are those of templates. */
export type IndexRequest =
  | { readonly ask: 'create'; readonly gallery: number; readonly dimension: number }
  | {
      readonly ask: 'load';
      readonly gallery: number;
      readonly dimension: number;
      readonly file: string;
      readonly sha256: string;
      /** Null: the file is plain. */
      readonly seal: FileSeal | null;
      /** Every key of the gallery, ascending, and the highest that any gallery was ever given. */
      readonly live: Float64Array;
      readonly newest: number;
    }
  | { readonly ask: 'add'; readonly gallery: number; readonly keys: Float64Array; readonly vectors: Float32Array }
  | { readonly ask: 'remove'; readonly gallery: number; readonly keys: Float64Array }
  | {
      readonly ask: 'search';
      readonly gallery: number;
      readonly probe: Float32Array;
      readonly look: Look;
    }
  | { readonly ask: 'save'; readonly gallery: number; readonly file: string; readonly seal: FileSeal | null }
  | { readonly ask: 'drop'; readonly gallery: number };

/** What it answers: `load` the keys that it lacks, `remove` how many it had, `save` the SHA-256 of the file, or the digest of a sealed one. */
export type IndexReplies = {
  create: null;
  load: Float64Array;
  add: null;
  remove: number;
  search: Nearest;
  save: string;
  drop: null;
};

/** A message to the thread has everything that was asked in one turn, a message from it what it answers at once; both in the order of the asking. */
export type IndexMessage = { readonly call: number; readonly request: IndexRequest };
export type IndexAnswer =
  | { readonly call: number; readonly reply: IndexReplies[keyof IndexReplies] }
  | { readonly call: number; readonly error: string };
