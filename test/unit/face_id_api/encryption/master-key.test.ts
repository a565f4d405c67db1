import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createMasterKey, deriveKey, eitherKey, wrapperOf } from '../../../../face_id_api/encryption/master-key.ts';

const bytes = new Uint8Array(32).fill(1);
const key = createMasterKey(bytes);
const other = createMasterKey(randomBytes(32));
const secret = randomBytes(32);

describe('a master key', () => {
  it('opens what it has wrapped, for the same purpose alone', () => {
    const wrapped = key.wrap(secret, 'data key');
    expect(key.unwrap(wrapped, 'data key')).toEqual(secret);
    expect(key.unwrap(wrapped, 'rotation of gallery default')).toBeNull();
    expect(other.unwrap(wrapped, 'data key')).toBeNull();
  });

  it('wraps the same secret differently each time, and tells by which key', () => {
    const [a, b] = [key.wrap(secret, 'p'), key.wrap(secret, 'p')];
    expect(a).not.toBe(b);
    expect(a).toHaveLength(b.length);
    expect(wrapperOf(a)).toBe(key.id);
    expect(wrapperOf('something else')).toBeNull();
  });

  it('opens nothing that was changed, whichever character', () => {
    const wrapped = key.wrap(secret, 'p');
    for (let i = 0; i < wrapped.length; i++) {
      const changed = wrapped.slice(0, i) + (wrapped[i] === 'A' ? 'B' : 'A') + wrapped.slice(i + 1);
      const opened = key.unwrap(changed, 'p');
      // The last characters of base64 may stand for the same bytes.
      expect(opened === null || Buffer.from(opened).equals(secret)).toBe(opened === null || i >= wrapped.length - 3);
    }
    expect(key.unwrap(`v1.${key.id}.AAAA`, 'p')).toBeNull();
  });

  it('says nothing of itself but an id, which is the same for the same bytes', () => {
    expect(createMasterKey(bytes).id).toBe(key.id);
    expect(other.id).not.toBe(key.id);
    expect(Buffer.from(bytes).toString('hex')).not.toContain(key.id);
    expect(Object.keys(key).sort()).toEqual(['id', 'unwrap', 'wrap']);
  });

  it('wants 32 bytes', () => {
    expect(() => createMasterKey(new Uint8Array(31))).toThrow(/expected 32 bytes, got 31/);
  });
});

it('either of two keys opens what one of them has wrapped, and the first one wraps', () => {
  const both = eitherKey(key, other);
  for (const by of [key, other]) expect(both.unwrap(by.wrap(secret, 'p'), 'p')).toEqual(secret);
  expect(wrapperOf(both.wrap(secret, 'p'))).toBe(key.id);
});

it('a key for one purpose is HKDF-SHA-256 of the master’s (RFC 5869, test case 3: no salt, no info)', () => {
  const okm = Buffer.from(deriveKey(Buffer.alloc(22, 0x0b), '')).toString('hex');
  expect(okm).toBe('8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d');
});
