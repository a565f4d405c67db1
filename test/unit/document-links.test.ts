import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

/** Text without what is shown as it is written. */
const prose = (markdown: string): string => markdown.replaceAll(/^ *```.*?^ *```$/gms, '').replaceAll(/`[^`\n]*`/g, '');

/** What a heading is reached by, as GitHub makes it. */
function anchorOf(heading: string): string {
  const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  return words.replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
}

async function anchorsOf(file: string): Promise<string[]> {
  const text = (await readFile(file, 'utf8')).replaceAll(/^ *```.*?^ *```$/gms, '');
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading.trim()));
}

describe('links in the documents', () => {
  let documents: string[];

  beforeAll(async () => {
    const docs = await readdir(path.join(root, 'docs'), { recursive: true });
    documents = ['README.md', 'CONTRIBUTING.md', ...docs.map(name => path.join('docs', name))];
    documents = documents.filter(name => name.endsWith('.md'));
  });

  it('lead to files and headings that are there', async () => {
    const broken: string[] = [];
    let count = 0;
    for (const document of documents) {
      const text = prose(await readFile(path.join(root, document), 'utf8'));
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        count += 1;
        const [name = '', anchor] = target.split('#');
        const file = name === '' ? path.join(root, document) : path.resolve(root, path.dirname(document), name);
        const isThere = existsSync(file) && (anchor === undefined || (await anchorsOf(file)).includes(anchor));
        if (!isThere) broken.push(`${document}: ${target}`);
      }
    }
    expect(count).toBeGreaterThan(50);
    expect(broken).toEqual([]);
  });

  it('name every page of docs/ in its index', async () => {
    const index = await readFile(path.join(root, 'docs/README.md'), 'utf8');
    const pages = documents.map(name => path.relative('docs', name)).filter(name => /^[^/]+\.md$/.test(name));
    expect(pages.filter(name => name !== 'README.md' && !index.includes(`(${name})`))).toEqual([]);
  });
});
