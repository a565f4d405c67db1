import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryFileProblem, withMemoryFile } from '../../../../face_id_api/encryption/memory-file.ts';
import { type FileSeal, openFile, sealFile } from '../../../../face_id_api/encryption/sealed-file.ts';
import { tempFolder } from '../../triton/build/temp-folder.ts';

const mebibyte = 1 << 20;
const seal: FileSeal = { key: new Uint8Array(32).fill(9), context: 'v1 1 fp name' };

function withFiles<T>(from: string, to: string, work: (from: number, to: number) => T): T {
  const opened = [openSync(from, 'r'), openSync(to, 'w')] as const;
  try {
    return work(...opened);
  } finally {
    opened.forEach(closeSync);
  }
}

async function sealed(plain: Uint8Array) {
  const folder = await tempFolder();
  const [source, file, target] = ['plain', 'sealed', 'opened'].map(name => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(source, plain);
  const digest = withFiles(source, file, (from, to) => sealFile(from, to, seal));
  const open = (by: FileSeal = seal, expected = digest): Buffer => {
    withFiles(file, target, (from, to) => openFile(from, to, by, expected));
    return readFileSync(target);
  };
  return { file, bytes: readFileSync(file), digest, open };
}

describe('a sealed file', () => {
  it.each([0, 1, 1000, mebibyte - 1, mebibyte, mebibyte + 1, 3 * mebibyte, 3 * mebibyte + 17])(
    'of %i bytes is opened to the bit, and holds none of them',
    async size => {
      const plain = randomBytes(size);
      const { bytes, open } = await sealed(plain);
      expect(open().equals(plain)).toBe(true);
      if (size >= 1000) expect(bytes.includes(plain.subarray(0, 32))).toBe(false);
    },
  );

  it('does not open changed, cut off, prolonged or with pieces exchanged', async () => {
    const plain = randomBytes(3 * mebibyte + 17);
    const { file, bytes, open } = await sealed(plain);
    const [head, piece] = [48, mebibyte + 16];
    const at = (n: number): Buffer => bytes.subarray(head + n * piece, head + (n + 1) * piece);
    const harmed: readonly Buffer[] = [
      ...[0, 20, head, head + piece, bytes.length - 1].map(place => {
        const flipped = Buffer.from(bytes);
        flipped[place]! ^= 1;
        return flipped;
      }),
      ...[0, 40, head, head + 5, head + piece, head + 3 * piece, bytes.length - 1].map(length =>
        bytes.subarray(0, length),
      ),
      Buffer.concat([bytes, Buffer.alloc(1)]),
      Buffer.concat([bytes, at(3)]),
      Buffer.concat([bytes.subarray(0, head), at(1), at(0), at(2), at(3)]),
      Buffer.concat([bytes.subarray(0, head), at(0), at(2), at(3)]),
    ];
    for (const content of harmed) {
      writeFileSync(file, content);
      expect(() => open()).toThrow();
    }
    writeFileSync(file, bytes);
    expect(open().equals(plain)).toBe(true);
  });

  it('does not open as another file, under another key, or as an earlier one of the same', async () => {
    const { open } = await sealed(randomBytes(100));
    expect(() => open({ ...seal, context: 'v1 2 fp name' })).toThrow();
    expect(() => open({ ...seal, key: new Uint8Array(32) })).toThrow();
    expect(() => open(seal, '0'.repeat(64))).toThrow(/expected digest/);
  });
});

const problem = memoryFileProblem();
describe.skipIf(problem !== null)(`a file in memory${problem === null ? '' : ` (skipped: ${problem})`}`, () => {
  it('is read and written by its path, and stands in no folder', () => {
    const before = readdirSync('/dev/shm');
    const read = withMemoryFile(memory => {
      expect(readdirSync('/dev/shm')).toEqual(before);
      writeFileSync(memory.path, 'hello');
      return readFileSync(memory.path, 'utf8');
    });
    expect(read).toBe('hello');
  });
});
