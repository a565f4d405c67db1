import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ServiceError } from '../../../detector/errors.ts';
import { qualityConfig } from '../../../face_id_api/config.ts';
import { startClient } from '../client/start-client.ts';
import { brokenPhoto, type FakeOptions, fakeFinder, finePhoto, photo } from '../face_id_api/fake-deps.ts';
import { faceId, faceIdJson } from './face-id-in-process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'face-id-cli-'));
  return () => rm(folder, { recursive: true });
});

/** A photo of these people in a file of this name. */
async function file(name: string, content: Buffer): Promise<string> {
  const full = path.join(folder, name);
  await mkdir(path.dirname(full), { recursive: true });
  await writeFile(full, content);
  return full;
}

const start = (fakes?: FakeOptions) => startClient({}, fakes);

describe('face-id infer', () => {
  it('prints a row for each face, and sums up', async () => {
    const { url, enrol } = await start();
    await enrol('ann', 1);
    const { code, output, errors } = await faceId(['infer', await file('two.jpg', photo(1, 5))], { url });
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/two\.jpg +│ 1 +│ ann +│ 1\.000 +│ 99\.8 % +│ 10, 20, 111, 150/);
    expect(output).toMatch(/ {3}│ 2 +│ unknown/);
    expect(output).toContain('2 faces, 1 known.');
  });

  it('prints one JSON document', async () => {
    const { url, enrol } = await start();
    await enrol(2576, 1);
    const given = await file('one.jpg', photo(1));
    const { code, ...answer } = await faceIdJson(['infer', given, '--top-k', '2', '--by', 'person'], { url });
    expect(code).toBe(0);
    expect(Object.keys(answer).sort()).toEqual(['command', 'error', 'errors', 'exit_code', 'result']);
    expect(answer).toMatchObject({ command: 'infer', exit_code: 0, error: null });
    expect(answer.result.photos).toMatchObject([
      { photo: given, faces: [{ id: 2576, decision: 'match', candidates: [{ id: 2576 }] }], rule: { by: 'person' } },
    ]);
  });

  it('takes several photos, folders with what lies below, and standard input', async () => {
    const { url } = await start();
    await file('tree/b.jpg', photo(1));
    await file('tree/a/c.PNG', photo(2));
    await file('tree/notes.txt', Buffer.from('no photo'));
    const single = await file('d.bin', photo(3));
    const { result } = await faceIdJson(['infer', '-', path.join(folder, 'tree'), single], { url, input: photo(1, 2) });
    const names = ['-', path.join(folder, 'tree/a/c.PNG'), path.join(folder, 'tree/b.jpg'), single];
    expect(result.photos.map(({ photo, faces }: never) => [photo, (faces as unknown[]).length])).toEqual(
      names.map((name, i) => [name, i === 0 ? 2 : 1]),
    );
    expect((await faceId(['infer', path.join(folder, 'tree'), single], { url })).counted).toBe(3);
  });

  it('goes on after a photo that cannot be used, and says so at the end', async () => {
    const { url } = await start();
    const photos = [await file('x.jpg', brokenPhoto('UNREADABLE')), await file('y.jpg', photo(1))];
    photos.push(await file('z.jpg', Buffer.alloc(0)));
    const { code, result } = await faceIdJson(['infer', ...photos], { url });
    expect(code).toBe(1);
    expect(result.photos).toMatchObject([
      { error: { code: 'UNREADABLE', status: 422 } },
      { faces: [{}] },
      { error: { code: 'UNREADABLE', status: null } },
    ]);
    const { output } = await faceId(['infer', ...photos], { url });
    expect(output).toContain('x.jpg: the fake photo asks for UNREADABLE');
    expect(output).toContain('z.jpg: The file is empty');
  });

  it('ends with 4 where no photo holds a face', async () => {
    const { url } = await start();
    const nobody = await file('nobody.jpg', photo());
    expect(await faceId(['infer', nobody], { url })).toMatchObject({
      code: 4,
      output: expect.stringContaining('no face'),
    });
    expect((await faceId(['infer', nobody, await file('y.jpg', photo(1))], { url })).code).toBe(0);
  });

  it('draws into a file, or several into a folder, each under a name of its own', async () => {
    const grey = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#888' } })
      .jpeg()
      .toBuffer();
    // The finder sees two faces in a photo that is one.
    const finder = fakeFinder({ find: (_, ...limits) => fakeFinder().find(photo(1, 2), ...limits) });
    const { url, enrol } = await start({ finder });
    await enrol('ann', 1);
    const photos = [await file('g.jpg', grey), await file('other/g.png', grey)];
    const drawn = path.join(folder, 'new/drawn.jpg');
    expect((await faceId(['infer', photos[0]!, '--draw', drawn], { url })).code).toBe(0);
    const [before, after] = await Promise.all([sharp(grey), sharp(drawn)].map(image => image.raw().toBuffer()));
    expect(after?.length).toBe(before?.length);
    expect(after?.equals(before ?? Buffer.alloc(0))).toBe(false);
    const out = path.join(folder, 'drawings');
    expect((await faceId(['infer', ...photos, '--draw', out], { url })).code).toBe(0);
    expect((await readdir(out)).sort()).toEqual(['g-2.jpg', 'g.jpg']);
    expect(await faceId(['infer', ...photos, '--draw', 'one.jpg'], { url })).toMatchObject({
      code: 2,
      errors: expect.stringContaining('--draw one.jpg: expected a folder for 2 photos'),
    });
    expect(await faceId(['infer', photos[0]!, '--draw', path.join(out, 'g.jpg/below.jpg')], { url })).toMatchObject({
      code: 1,
      errors: `${path.join(out, 'g.jpg')}: a file stands where a folder is expected\n`,
    });
    await mkdir(path.join(out, 'folder.jpg'));
    expect(await faceId(['infer', photos[0]!, '--draw', path.join(out, 'folder.jpg')], { url })).toMatchObject({
      code: 1,
      errors: `${path.join(out, 'folder.jpg')}: is a folder, where a file is expected\n`,
    });
  });

  it('has no colours but on a terminal', async () => {
    const { url, enrol } = await start();
    await enrol('ann', 1);
    expect((await faceId(['infer', await file('one.jpg', photo(1))], { url })).output).not.toContain('\u001b');
  });
});

describe('face-id enrol with a consent', () => {
  it('gives it to a person, and to everybody of a folder', async () => {
    const { url, client } = await start();
    const given = ['--consent', 'door', '--consent-given', '2026-01-01', '--consent-expires', '2100-01-01'];
    const consent = { purpose: 'door', given: '2026-01-01T00:00:00.000Z', expires: '2100-01-01T00:00:00.000Z' };
    expect((await faceId(['enrol', 'ann', await file('ann.jpg', photo(1)), ...given], { url })).code).toBe(0);
    expect(await client.identities.get('ann')).toMatchObject({ consent });
    await file('agreed/bob/1.jpg', photo(2));
    expect((await faceId(['enrol', '--folder', path.join(folder, 'agreed'), ...given], { url })).code).toBe(0);
    expect(await client.identities.get('bob')).toMatchObject({ consent });
  });

  it('wants a purpose with its times', async () => {
    const { url } = await start();
    const photos = await file('eve.jpg', photo(3));
    const said = await faceId(['enrol', 'eve', photos, '--consent-expires', '30d'], { url });
    expect(said).toMatchObject({ code: 2, errors: expect.stringContaining('want --consent with a purpose') });
  });
});

describe('face-id verify', () => {
  it('ends with 0 for the same person and with 5 for anything else', async () => {
    const { url } = await start();
    const [a, b] = [await file('a.jpg', photo(1)), await file('b.jpg', photo(2))];
    const same = await faceId(['verify', a, '-'], { url, input: photo(1) });
    expect(same).toMatchObject({
      code: 0,
      output: 'the same person  score 1.000, threshold 0.800, confidence 99.8 %\n',
    });
    expect(await faceId(['verify', a, b], { url })).toMatchObject({
      code: 5,
      output: expect.stringContaining('not known to be the same person  score 0.000'),
    });
    expect(await faceIdJson(['verify', a, b, '--threshold', '-1'], { url })).toMatchObject({
      code: 0,
      result: { decision: 'match', rule: { threshold: -1 } },
    });
  });

  it('ends with 4 where a photo holds no face', async () => {
    const { url } = await start();
    const [a, nobody] = [await file('a.jpg', photo(1)), await file('nobody.jpg', photo())];
    expect(await faceIdJson(['verify', a, nobody], { url })).toMatchObject({ code: 4, error: { code: 'NO_FACE' } });
  });

  it('takes two photos and no folder', async () => {
    const a = await file('pair/a.jpg', photo(1));
    await file('pair/b.jpg', photo(2));
    expect((await faceId(['verify', a, path.dirname(a)])).code).toBe(2);
    expect((await faceId(['verify', '-', '-'])).errors).toContain('standard input can be read once');
  });
});

describe('face-id enrol', () => {
  it('adds photos to what the person has, or replaces them when told to', async () => {
    const { url, client } = await start();
    const photos = await Promise.all([1, 2, 3].map(who => file(`p${who}.jpg`, photo(who))));
    const first = await faceId(['enrol', '2576', ...photos.slice(0, 2), '--name', 'Ann Lee', '--meta', 'team=blue'], {
      url,
    });
    expect(first).toMatchObject({ code: 0, output: '2576: 2 of 2 photos enrolled, 2 templates in all.\n' });
    expect(await client.identities.get(2576)).toMatchObject({ name: 'Ann Lee', metadata: { team: 'blue' } });
    expect((await faceId(['enrol', '2576', photos[2]!], { url })).output).toContain('3 templates in all');
    expect((await faceId(['enrol', '2576', photos[2]!, '--replace'], { url })).output).toContain('1 templates in all');
    await faceId(['enrol', '2576', '-', '--type', 'string'], { url, input: photo(4) });
    expect(await client.identities.get('2576')).toMatchObject({ id: '2576', templates: 1, name: null });
  });

  it('names the photos that were refused', async () => {
    const { url } = await start();
    const [good, nobody] = [await file('good.jpg', photo(1)), await file('nobody.jpg', photo())];
    const some = await faceIdJson(['enrol', 'ann', good, nobody], { url });
    expect(some).toMatchObject({ code: 1, result: { enrolled: 1, refused: [{ photo: nobody, code: 'NO_FACE' }] } });
    const none = await faceId(['enrol', 'bob', nobody], { url });
    expect(none).toMatchObject({ code: 4, errors: expect.stringContaining('photo 1: NO_FACE') });
    const two = await file('two.jpg', photo(1, 2));
    expect((await faceId(['enrol', 'eve', two, '--single'], { url })).code).toBe(1);
  });

  it('refuses digits beyond the largest integer, unless they are to be a string', async () => {
    const { url, client } = await start();
    const id = '12345678901234567890';
    const said = await faceId(['enrol', id, '-'], { url, input: photo(1) });
    expect(said).toMatchObject({
      code: 2,
      errors: `The id: integers end at 9007199254740991, got ${id}; --type string takes it as a string\n`,
    });
    await file('large/9007199254740993/1.jpg', photo(1));
    const args = ['enrol', '--folder', path.join(folder, 'large'), '--report', path.join(folder, 'large.csv')];
    const refused = await faceId(args, { url });
    expect(refused.code).toBe(1);
    expect(refused.errors).toMatch(/large\/9007199254740993: integers end at 9007199254740991, .*--type string/);
    expect((await faceId(['enrol', id, '-', '--type', 'string'], { url, input: photo(1) })).code).toBe(0);
    expect((await faceId([...args, '--type', 'string'], { url })).code).toBe(0);
    const identities = await Array.fromAsync(client.identities.list());
    expect(identities.map(one => one.id)).toEqual([id, '9007199254740993']);
  });

  it('enrols a folder of people, goes on where it stopped, and reports what was refused', async () => {
    const { url, client } = await start();
    await file('people/ann/1.jpg', photo(1));
    await file('people/7/1.jpg', photo(2));
    await file('people/7/2.jpg', photo());
    const args = ['enrol', '--folder', path.join(folder, 'people'), '--report', path.join(folder, 'refused.csv')];
    const first = await faceIdJson(args, { url });
    expect(first).toMatchObject({ code: 1, result: { people: 2, enrolled: 2, skipped: 0 } });
    expect(await readFile(path.join(folder, 'refused.csv'), 'utf8')).toMatch(/7\/2\.jpg,NO_FACE,/);
    expect((await faceIdJson(args, { url })).result).toMatchObject({ enrolled: 0, skipped: 2 });
    expect(await client.identities.get(7)).toMatchObject({ templates: 1 });
  });

  it('says which faces fall short, and refuses them with --gate refuse', async () => {
    const { url } = await start({ quality: qualityConfig.parse({}) });
    const [good, poor] = [await file('fine.jpg', finePhoto(1)), await file('poor.jpg', photo(1))];
    const warned = await faceId(['enrol', 'ann', good, poor], { url });
    expect(warned).toMatchObject({ code: 0, errors: '' });
    expect(warned.output).toContain('ann: 2 of 2 photos enrolled');
    expect(warned.output).toMatch(/poor\.jpg: enrolled, but LOW_BRIGHTNESS: brightness: expected at least/);
    const refused = await faceIdJson(['enrol', 'bob', good, poor, '--gate', 'refuse'], { url });
    expect(refused).toMatchObject({
      code: 1,
      result: { enrolled: 1, refused: [{ photo: poor, code: 'LOW_BRIGHTNESS' }], warnings: [] },
    });
    expect((await faceId(['enrol', 'eve', good, '--gate', 'off'], { url })).code).toBe(2);
  });

  it('lists the photos of a folder that were enrolled with a warning, apart from those that were refused', async () => {
    const { url } = await start({ quality: qualityConfig.parse({}) });
    await file('crowd/ann/fine.jpg', finePhoto(1));
    await file('crowd/ann/poor.jpg', photo(1));
    await file('crowd/ann/two.jpg', finePhoto(1, 2));
    const [report, warnings] = [path.join(folder, 'r.csv'), path.join(folder, 'w.csv')];
    const args = ['enrol', '--folder', path.join(folder, 'crowd'), '--report', report, '--warnings', warnings];
    const { code, output } = await faceId(args, { url });
    expect({ code, output }).toEqual({
      code: 0,
      output:
        'Enrolled 3 photos of 1 people; 0 were enrolled already.\n' +
        `2 photos were enrolled with a warning: ${warnings} says why.\n`,
    });
    expect(await readFile(warnings, 'utf8')).toMatch(
      /^path,code,reason\r?\n.*ann\/poor\.jpg,LOW_BRIGHTNESS,.*\r?\n.*ann\/two\.jpg,EXCEEDS_MAX_FACES,/,
    );
    expect(await readdir(folder)).not.toContain('r.csv');
  });

  it('wants an id with photos, or a folder', async () => {
    const one = await file('one.jpg', photo(1));
    for (const args of [
      [],
      ['ann'],
      ['ann', one, '--folder', folder],
      ['an n', one],
      ['007', one, '--type', 'integer'],
    ]) {
      expect((await faceId(['enrol', ...args])).code, args.join(' ')).toBe(2);
    }
  });
});

describe('face-id identities', () => {
  it('lists who is enrolled, as far as is wanted', async () => {
    const { url, enrol, client } = await start();
    for (const id of [1, 'ann', 'bob']) await enrol(id, 1);
    await client.identities.update('ann', { name: 'Ann Lee', metadata: { team: 'blue' } });
    const { output } = await faceId(['identities', 'list'], { url });
    expect(output).toMatch(/ann +│ Ann Lee +│ 1 +│ \d{4}-\d\d-\d\d +│ team=blue/);
    expect(output).toContain('3 identities.');
    const ids = async (...args: string[]) => {
      const { result } = await faceIdJson(['identities', 'list', ...args], { url });
      return result.identities.map(({ id }: { id: unknown }) => id);
    };
    expect(await ids('--limit', '2')).toEqual([1, 'ann']);
    expect(await ids('--limit', '0')).toEqual([]);
    expect(await ids('--name-prefix', 'ANN')).toEqual(['ann']);
    expect(await ids('--meta', 'team=blue')).toEqual(['ann']);
    expect(await ids('--meta', 'team=red')).toEqual([]);
  });

  it('shows what a terminal would obey as the number of its character', async () => {
    const { url, enrol, client } = await start();
    for (const id of ['ann', 'bob']) await enrol(id, 1);
    const wild = 'Ann\u001b[2J\u0007\nbob \u202e';
    const purpose = wild.trim();
    const consent = { purpose, given: '2026-01-01T00:00:00.000Z', expires: null };
    await client.identities.update('ann', { name: wild, metadata: { k: wild }, consent });
    for (const args of [
      ['identities', 'list'],
      ['identities', 'show', 'ann'],
      ['review', 'duplicates'],
      ['identities', 'rename', 'ann', wild],
    ]) {
      const { output } = await faceId(args, { url });
      expect(output, args.join(' ')).toContain('Ann\\u{1b}[2J\\u{7}\\u{a}bob \\u{202e}');
      for (const obeyed of ['\u001b', '\u0007', '\u202e']) expect(output).not.toContain(obeyed);
    }
  });

  it('shows, renames, splits and merges', async () => {
    const { url, enrol, client } = await start();
    await enrol('ann', 1, 2);
    await enrol('bob', 3);
    const [template] = await client.templates.list('ann');
    expect((await faceId(['identities', 'show', 'ann'], { url })).output).toContain(template!.id);
    expect((await faceId(['identities', 'rename', 'ann', 'Ann Lee'], { url })).output).toBe('ann: Ann Lee\n');
    expect((await faceId(['identities', 'rename', 'ann', ''], { url })).output).toBe('ann: has no name now\n');
    const split = await faceId(['identities', 'split', 'ann', '9', template!.id], { url });
    expect(split.output).toBe('ann: 1 templates; 9: 1 templates.\n');
    const merged = await faceIdJson(['identities', 'merge', 'bob', '9'], { url });
    expect(merged.result).toMatchObject({ id: 9, templates: 2 });
    expect((await faceId(['identities', 'show', 'bob'], { url })).code).toBe(4);
  });

  it('writes down what somebody has agreed to, and that it was withdrawn', async () => {
    const { url, enrol } = await start();
    await enrol('ann', 1);
    const consent = (...args: string[]) => faceId(['identities', 'consent', 'ann', ...args], { url });
    expect((await consent('--withdraw')).code).toBe(4);
    expect((await consent('door', '--given', '2026-01-01')).output).toBe('ann: door, given 2026-01-01T00:00:00.000Z\n');
    const { output } = await consent('gate', '--given', '2026-01-01', '--expires', '36500d');
    expect(output).toBe('ann: gate, given 2026-01-01T00:00:00.000Z until 2125-12-08T00:00:00.000Z\n');
    expect((await faceId(['identities', 'show', 'ann'], { url })).output).toContain('consent   gate, given');
    expect((await consent('--withdraw')).output).toMatch(/^ann: gate, given .* until .* \(expired\)$/m);
    for (const wrong of [[], ['gate', '--withdraw'], ['gate', '--expires', 'soon'], ['gate', '--given', '1.1.2026']]) {
      expect((await consent(...wrong)).code, wrong.join(' ')).toBe(2);
    }
    const { code, errors } = await consent('gate', '--expires', '2027-02-31');
    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringMatching(/expected a day that there is/) });
  });

  it('withdraws a consent that has ended no second time, and one that lies ahead from its beginning on', async () => {
    const { url, enrol, client } = await start();
    await enrol('ann', 1);
    const kept = async () => (await client.identities.get('ann')).consent;
    const consent = (...args: string[]) => faceId(['identities', 'consent', 'ann', ...args], { url });
    await consent('door', '--given', '2026-01-01', '--expires', '2026-01-02');
    const ended = await kept();
    const again = await consent('--withdraw');
    expect(again).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^ann: door, .* until 2026-01-02.* \(expired\); it had ended before, and is left/),
    });
    expect(await kept()).toEqual(ended);
    const { result } = await faceIdJson(['identities', 'consent', 'ann', '--withdraw'], { url });
    expect(result).toMatchObject({ id: 'ann', consent: ended });
    expect(result).not.toHaveProperty('template_list');

    await consent('door', '--given', '2026-01-01');
    await consent('--withdraw');
    const first = await kept();
    await consent('--withdraw');
    expect(await kept()).toEqual(first);

    await consent('door', '--given', '2199-01-01', '--expires', '2199-12-31');
    const given = '2199-01-01T00:00:00.000Z';
    const { code, output } = await consent('--withdraw');
    expect({ code, output }).toEqual({
      code: 0,
      output: `ann: door, given ${given} until ${given}; it never holds\n`,
    });
    expect(await kept()).toEqual({ purpose: 'door', given, expires: given });
    expect((await consent('--withdraw')).output).toMatch(/it had ended before/);
    expect(await kept()).toEqual({ purpose: 'door', given, expires: given });
  });

  it('erases people when that is confirmed, and nobody otherwise', async () => {
    const { url, enrol, client } = await start();
    await enrol('ann', 1, 2);
    await enrol('bob', 3);
    expect(await faceId(['identities', 'delete', 'ann'], { url })).toMatchObject({
      code: 2,
      errors: expect.stringContaining('wants --yes'),
    });
    expect((await client.identities.get('ann')).templates).toBe(2);
    const erased = await faceId(['identities', 'delete', 'ann', 'bob', '--yes'], { url });
    expect(erased).toMatchObject({ code: 0, output: 'Erased 2 identities with 3 templates.\n' });
    expect(await Array.fromAsync(client.identities.list())).toEqual([]);
  });

  it('means the gallery that is named', async () => {
    const { url, client } = await start();
    await client.galleries.put('staff');
    await faceId(['enrol', 'ann', '-', '--gallery', 'staff'], { url, input: photo(1) });
    expect((await faceId(['identities', 'list', '--gallery', 'staff'], { url })).output).toContain('1 identity.');
    expect((await faceId(['identities', 'list'], { url })).output).toBe('0 identities.\n');
  });
});

describe('how commands end', () => {
  it('with 3 where no service answers, saying what to do', async () => {
    const { code, errors, output } = await faceId(['identities', 'list']);
    expect({ code, output }).toEqual({ code: 3, output: '' });
    expect(errors).toContain('http://127.0.0.1:9 does not answer');
    expect(errors).toContain('Start it with `face-id serve`');
    expect((await faceId(['identities', 'list', '--url', 'http://127.0.0.1:10'])).errors).toContain('127.0.0.1:10');
  });

  it('with 3 where the service is too busy or lacks something', async () => {
    const down = fakeFinder({
      find: () => Promise.reject(new ServiceError('DEPENDENCY_DOWN', 'the detector is away')),
    });
    const { url } = await start({ finder: down });
    const { code, error } = await faceIdJson(['infer', await file('one.jpg', photo(1)), '--timeout', '20'], { url });
    expect([code, error.code]).toEqual([3, 'DEPENDENCY_DOWN']);
  });

  it('with 4 for what is not there', async () => {
    const { url } = await start();
    const { code, command, error } = await faceIdJson(['identities', 'show', 'nobody'], { url });
    expect([code, command, error.code, error.status]).toEqual([4, 'identities show', 'UNKNOWN_ID', 404]);
    expect(error.request_id).toMatch(/./);
    expect((await faceId(['identities', 'list', '--gallery', 'none'], { url })).code).toBe(4);
  });

  it('with 6 where the key does not allow it, which is sent with every request', async () => {
    const { url, app } = await start();
    expect((await faceId(['identities', 'list'], { url, apiKey: 'secret' })).code).toBe(0);
    const keys: unknown[] = [];
    const server = (await import('node:http')).createServer((request, response) => {
      keys.push(request.headers['x-api-key']);
      response.writeHead(401, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ code: 'UNAUTHENTICATED', detail: 'The API key is missing or wrong' }));
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    const address = server.address();
    const other = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const said = await faceId(['identities', 'list'], { url: other, apiKey: 'secret' });
    expect(said).toMatchObject({ code: 6, errors: expect.stringContaining('FACE_ID_API_KEY') });
    expect(said.errors).not.toContain('secret');
    expect(keys).toEqual(['secret']);
    expect(app.server.listening).toBe(true);
  });

  it('with 2 for what is typed wrong, as JSON too', async () => {
    const wrong = [['infr'], ['infer'], ['infer', 'x', '--top-k', 'many'], ['infer', path.join(folder, 'none.jpg')]];
    for (const args of wrong) expect((await faceId(args)).code, args.join(' ')).toBe(2);
    expect((await faceId(['infr'])).errors).toContain('Did you mean infer?');
    const { code, error, command } = await faceIdJson(['infer']);
    expect([code, command, error]).toEqual([
      2,
      'infer',
      { code: 'USAGE', message: "missing required argument 'photo'", status: null, request_id: null },
    ]);
  });

  it('with 130 when somebody interrupts', async () => {
    const { url } = await start();
    const signal = AbortSignal.abort();
    expect((await faceId(['identities', 'list'], { url, signal })).code).toBe(130);
  });

  it('with 0 for help and version', async () => {
    expect(await faceId(['--version'])).toMatchObject({ code: 0, output: '1.2.3\n' });
    for (const args of [['--help'], ['help', 'verify'], ['infer', '--help'], ['identities', 'merge', '--help']]) {
      const { code, output } = await faceId(args);
      expect([code, output.includes('face-id ')], args.join(' ')).toEqual([0, true]);
      expect(output).toMatch(/Examples?:\n {2}face-id /);
    }
  });
});
