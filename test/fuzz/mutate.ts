import fc from 'fast-check';

/** One damage to a file; places are fractions of its length, so that they survive other damage and shrinking. */
type Edit =
  | { readonly kind: 'overwrite' | 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'drop' | 'repeat'; readonly at: number; readonly length: number }
  | {
      readonly kind: 'number';
      readonly at: number;
      readonly value: number;
      readonly size: number;
      readonly big: boolean;
    }
  | { readonly kind: 'cut'; readonly at: number };

/** Half of the places lie within the first 200 bytes, where formats keep their headers. */
const place = fc.oneof(
  fc.nat({ max: 199 }).map(byte => -1 - byte),
  fc.double({ min: 0, max: 1, noNaN: true }),
);
const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('overwrite' as const, 'insert' as const),
    at: place,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  }),
  fc.record({
    kind: fc.constantFrom('drop' as const, 'repeat' as const),
    at: place,
    length: fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 5000 })),
  }),
  fc.record({
    kind: fc.constant('number' as const),
    at: place,
    value: fc.oneof(fc.constantFrom(...extremes), fc.nat({ max: 0xffff })),
    size: fc.constantFrom(1, 2, 4),
    big: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('cut' as const), at: place }),
);

/** One of `files`, damaged in up to six ways; now and then whole. */
export function mutated(files: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.nat({ max: files.length - 1 }), fc.array(edit, { maxLength: 6 }))
    .map(([index, edits]) => edits.reduce(apply, files[index]!));
}

function apply(file: Uint8Array, change: Edit): Uint8Array {
  const at = Math.min(file.length, change.at < 0 ? -1 - change.at : Math.floor(change.at * file.length));
  const before = file.subarray(0, at);
  switch (change.kind) {
    case 'cut':
      return before;
    case 'insert':
      return Buffer.concat([before, change.bytes, file.subarray(at)]);
    case 'overwrite':
      return Buffer.concat([before, change.bytes, file.subarray(at + change.bytes.length)]);
    case 'drop':
      return Buffer.concat([before, file.subarray(at + change.length)]);
    case 'repeat':
      return Buffer.concat([before, file.subarray(at, at + change.length), file.subarray(at)]);
    case 'number': {
      const { value, size, big } = change;
      const bytes = Buffer.alloc(4);
      if (big) bytes.writeUInt32BE(value);
      else bytes.writeUInt32LE(value);
      return Buffer.concat([
        before,
        big ? bytes.subarray(4 - size) : bytes.subarray(0, size),
        file.subarray(at + size),
      ]);
    }
  }
}
