import { createHash } from 'node:crypto';
import type { CropSpec } from '../core/crop-spec.ts';

/** Everything that makes two vectors comparable. */
export type Identity = {
  readonly name: string;
  /** SHA-256 of each file of weights, in any order. */
  readonly weightSums: readonly string[];
  readonly pixels: string;
  readonly crop: CropSpec | null;
  readonly mirrorCrop: boolean;
};

/** SHA-256 in hex over canonical JSON (sorted keys, sorted sums): the same for the same model, wherever it was built. */
export function fingerprintOf(identity: Identity): string {
  const { name, weightSums, pixels, crop, mirrorCrop } = identity;
  const weights = [...weightSums].sort();
  return createHash('sha256')
    .update(canonicalJson({ name, weights, pixels, crop, mirror_crop: mirrorCrop }))
    .digest('hex');
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** JSON with the keys of every object sorted and no white space. Numbers as ECMAScript prints them. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
