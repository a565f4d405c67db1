import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../../detector/errors.ts';
import { TritonError } from '../../../triton/client/triton-error.ts';
import { base64, brokenPhoto, fakeFinder, fakeTriton, photo } from './fake-deps.ts';
import { startApi } from './start-api.ts';

const images = (...photos: Buffer[]) => photos.map(one => ({ image: base64(one) }));

describe('POST /generate', () => {
  it('enrols one template per image, names what it left out, and recognises the person afterwards', async () => {
    const { generate, infer } = await startApi();
    const reply = await generate({
      id: 2576,
      images: images(photo(3), photo(), photo(3, 4), brokenPhoto('UNREADABLE')),
    });
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toEqual({
      id: 2576,
      enrolled: 2,
      templates: 2,
      refused: [
        { index: 1, code: 'NO_FACE', reason: 'No face was found' },
        { index: 3, code: 'UNREADABLE', reason: 'the fake photo asks for UNREADABLE' },
      ],
      warnings: [],
      Response: 'OK',
    });
    expect((await infer(photo(3))).json().faces[0]).toMatchObject({ id: 2576, decision: 'match' });
    expect((await infer(photo(4))).json().faces[0]).toMatchObject({ id: null, decision: 'unknown' });
  });

  it('replaces what the id had, and adds to it with mode=append', async () => {
    const { generate, infer } = await startApi();
    await generate({ id: 'ada', images: images(photo(1), photo(1)) });
    expect((await generate({ id: 'ada', images: images(photo(2)) })).json()).toMatchObject({
      enrolled: 1,
      templates: 1,
    });
    expect((await infer(photo(1))).json().faces[0].decision).toBe('unknown');
    const appended = await generate({ id: 'ada', images: images(photo(1)) }, '?mode=append');
    expect(appended.json()).toMatchObject({ enrolled: 1, templates: 2 });
    const both = (await infer(photo(1, 2))).json().faces;
    expect(both.map((face: { id: unknown }) => face.id)).toEqual(['ada', 'ada']);
  });

  it('refuses an image with several faces when told faces=single', async () => {
    const { generate } = await startApi();
    const reply = await generate({ id: 1, images: images(photo(1, 2), photo(1)) }, '?faces=single');
    expect(reply.json()).toMatchObject({
      enrolled: 1,
      refused: [
        { index: 0, code: 'SEVERAL_FACES', reason: 'Expected one face, found 2', reasons: ['EXCEEDS_MAX_FACES'] },
      ],
    });
  });

  it('answers NO_FACE_ENROLLED where nothing is usable, and changes nothing', async () => {
    const { generate, app } = await startApi();
    await generate({ id: 1, images: images(photo(1)) });
    const bad = {
      id: 1,
      images: [...images(photo(), brokenPhoto('UNSUPPORTED_IMAGE')), { image: '%%%' }, { image: '' }],
    };
    const reply = await generate(bad);
    expect(reply.statusCode).toBe(422);
    expect(reply.json()).toMatchObject({
      code: 'NO_FACE_ENROLLED',
      refused: [
        { index: 0, code: 'NO_FACE' },
        { index: 1, code: 'UNSUPPORTED_IMAGE' },
        { index: 2, code: 'INVALID_BASE64' },
        { index: 3, code: 'INVALID_REQUEST', reason: 'The image is empty' },
      ],
    });
    expect((await app.inject('/identities/1')).json()).toMatchObject({ templates: 1 });
    const legacy = await generate(bad, '?legacy=true');
    expect(legacy.statusCode).toBe(200);
    expect(legacy.json()).toEqual({ Response: 'No embedding generated' });
  });

  it.each([
    [
      'detector',
      { finder: fakeFinder({ find: async () => Promise.reject(new ServiceError('DEPENDENCY_DOWN', 'gone')) }) },
    ],
    ['Triton', { client: fakeTriton({ infer: async () => Promise.reject(new TritonError('UNAVAILABLE', 'gone')) }) }],
  ])('fails as a whole when the %s is down, and changes nothing', async (_, options) => {
    const { generate, app } = await startApi(options);
    const reply = await generate({ id: 1, images: images(photo(1), photo()) });
    expect(reply.statusCode).toBe(503);
    expect(reply.json().code).toBe('DEPENDENCY_DOWN');
    expect((await app.inject('/identities')).json()).toEqual({ identities: [], next: null });
  });

  it('keeps one whole enrolment when two replace the same id at once', async () => {
    const { generate, app } = await startApi();
    const many = Array.from({ length: 5 }, () => photo(1));
    const replies = await Promise.all([
      generate({ id: 9, images: images(...many) }),
      generate({ id: 9, images: images(photo(2), photo(2)) }),
    ]);
    expect(replies.map(reply => reply.json().templates)).toEqual([5, 2]);
    expect([2, 5]).toContain((await app.inject('/identities/9')).json().templates);
  });

  it.each([
    ['negative id', { id: -1, images: images(photo(1)) }, ['body.id']],
    ['fractional id', { id: 1.5, images: images(photo(1)) }, ['body.id']],
    ['unsafe integer', { id: 2 ** 53, images: images(photo(1)) }, ['body.id']],
    ['empty id', { id: '', images: images(photo(1)) }, ['body.id']],
    ['id with a slash', { id: 'a/b', images: images(photo(1)) }, ['body.id']],
    ['id of 129 characters', { id: 'a'.repeat(129), images: images(photo(1)) }, ['body.id']],
    ['no images', { id: 1, images: [] }, ['body.images']],
    ['101 images', { id: 1, images: images(...Array.from({ length: 101 }, () => photo(1))) }, ['body.images']],
    [
      'image of a wrong type',
      { id: 1, images: [{ image: 5 }, { img: '' }] },
      ['body.images.0.image', 'body.images.1.image'],
    ],
    ['everything missing', {}, ['body.id', 'body.images']],
  ])('refuses %s, naming every issue', async (_, body, paths) => {
    const { generate } = await startApi();
    const reply = await generate(body);
    expect(reply.statusCode).toBe(400);
    expect(reply.json().code).toBe('INVALID_REQUEST');
    expect(reply.json().issues.map((issue: { path: string }) => issue.path)).toEqual(paths);
  });

  it.each(['?mode=merge', '?faces=all', '?legacy=1', '?modus=append'])('refuses the query %s', async query => {
    const { generate } = await startApi();
    const reply = await generate({ id: 1, images: images(photo(1)) }, query);
    expect(reply.json()).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
  });
});
