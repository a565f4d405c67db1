import { expect, test } from 'vitest';
import { decodeBase64Image } from '../../../../detector/http/decode-base64-image.ts';

const maxBytes = 1000;

test('plain base64 and a data URL give the same bytes', () => {
  expect([...decodeBase64Image('AQID', maxBytes)]).toEqual([1, 2, 3]);
  expect([...decodeBase64Image('data:image/png;base64,AQID', maxBytes)]).toEqual([1, 2, 3]);
  expect([...decodeBase64Image('AQ==', maxBytes)]).toEqual([1]);
});

test.each([
  '%%%',
  'AQI',
  'AQID=',
  'A===',
  'AQ=D',
  'AQ\nID',
  ' AQID',
  'A-_D',
  'é',
  'data:image/png,AQID',
  'data:image/png;base64',
])('%j is INVALID_BASE64', text => {
  expect(() => decodeBase64Image(text, maxBytes)).toThrow(expect.objectContaining({ code: 'INVALID_BASE64' }));
});

test.each(['', 'data:image/jpeg;base64,'])('%j is empty: INVALID_REQUEST', text => {
  expect(() => decodeBase64Image(text, maxBytes)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
});

test('one byte more than accepted is TOO_LARGE, exactly as many pass', () => {
  for (const limit of [9, 10, 11]) {
    expect(decodeBase64Image(Buffer.alloc(limit).toString('base64'), limit).length).toBe(limit);
    expect(() => decodeBase64Image(Buffer.alloc(limit + 1).toString('base64'), limit)).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE' }),
    );
  }
});
