import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServiceError } from '../../../detector/errors.ts';
import { decodeBase64Image } from '../../../detector/http/decode-base64-image.ts';

test('whatever was encoded comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.boolean(), (bytes, asUrl) => {
      const text = (asUrl ? 'data:image/jpeg;base64,' : '') + Buffer.from(bytes).toString('base64');
      expect([...decodeBase64Image(text, 300)]).toEqual([...bytes]);
    }),
  );
});

test('any text gives bytes within the bound or one of our errors', () => {
  const alphabet = fc.string({ unit: fc.constantFrom(...'AB+/=-_% \n,;:data'), maxLength: 60 });
  fc.assert(
    fc.property(fc.oneof(alphabet, fc.string()), text => {
      try {
        expect(decodeBase64Image(text, 20).length).toBeLessThanOrEqual(20);
      } catch (error) {
        expect(error).toBeInstanceOf(ServiceError);
      }
    }),
  );
});
