import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startApi } from './start-api.ts';

const folder = path.resolve(import.meta.dirname, '../../../face_id_api/console');
const files = globSync('**/*.{js,css,svg}', { cwd: folder });

describe('the web console', () => {
  it('is at /, and takes everything from this service', async () => {
    const { app } = await startApi();
    const page = await app.inject('/');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const links = [...page.body.matchAll(/(?:src|href)="(console\/[^"]+)"/g)].map(match => match[1] ?? '');
    expect(links.length).toBeGreaterThan(8);
    for (const link of links) expect((await app.inject(`/${link}`)).statusCode, link).toBe(200);
    // What the policy forbids would only be seen as a page that does not work.
    expect(page.body).not.toMatch(/<script>|<style|\son\w+=|\sstyle=|https?:/);
  });

  it('may run nothing that is written into it, ask nobody else and stand in no frame', async () => {
    const { app } = await startApi();
    for (const url of ['/', '/console/app.js']) {
      const { headers } = await app.inject(url);
      expect(String(headers['content-security-policy'])).toMatch(
        /default-src 'self';.*object-src 'none'.*frame-ancestors 'none'.*base-uri 'none'/,
      );
      expect(String(headers['content-security-policy'])).not.toMatch(/unsafe|https?:|\*/);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it('is asked for again by its ETag', async () => {
    const { app } = await startApi();
    const first = await app.inject('/console/app.js');
    expect(first.headers['cache-control']).toBe('public, max-age=0');
    const again = await app.inject({
      url: '/console/app.js',
      headers: { 'if-none-match': String(first.headers.etag) },
    });
    expect(again.statusCode).toBe(304);
  });

  it.each(['/console', '/console/', '/console/none.js', '/console/replies.d.ts', '/console/..%2fapp.ts', '/nothing'])(
    'leaves %s a problem document',
    async url => {
      const { app } = await startApi();
      const reply = await app.inject(url);
      expect([reply.statusCode, reply.headers['content-type']]).toEqual([404, 'application/problem+json']);
    },
  );

  it('has all of its modules and icons: each that is named is there', () => {
    const texts = files.map(file => [file, readFileSync(path.join(folder, file), 'utf8')] as const);
    const missing = texts.flatMap(([file, text]) =>
      [...text.matchAll(/^(?:import|export) [^;]*?from '(\.[^']+)'/gm)]
        .map(match => path.posix.join(path.posix.dirname(file), match[1] ?? ''))
        .filter(imported => !files.includes(imported))
        .map(imported => `${file} → ${imported}`),
    );
    expect(missing).toEqual([]);
    const icons = readFileSync(path.join(folder, 'icons.svg'), 'utf8');
    const named = texts.flatMap(([, text]) => [...text.matchAll(/\bicon\('([\w-]+)'\)/g)].map(match => match[1] ?? ''));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(name => !icons.includes(`id="icon-${name}"`))).toEqual([]);
  });

  it('keeps every file short enough to read, and makes HTML of nothing', () => {
    for (const file of files.filter(file => file.endsWith('.js'))) {
      const text = readFileSync(path.join(folder, file), 'utf8');
      expect(text.split('\n').length, file).toBeLessThanOrEqual(301);
      expect(text, file).toMatch(/^\/\/ @ts-check\n/);
      expect(text, file).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|localStorage|\beval\(/);
    }
  });
});
