import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** What a model's folder holds, by names, sizes and times: where these are equal, the model is. */
export type FolderFiles = {
  /** Of every file. */
  readonly signature: string;
  /** Of what a version is made of: its folder, and all that lies outside of version folders, but `config.pbtxt`. */
  ofVersion(version: string): string;
};

/** Below a model's folder; deeper than any model's files are. A link back into the folder ends here. */
const maxDepth = 6;

/** Looks at every file of a model's folder, following links. Hidden ones are left out. Throws when the folder cannot be read. */
export async function readFolderFiles(folder: string): Promise<FolderFiles> {
  const lines = await listFiles(folder, '', 1);
  return {
    signature: lines.join('\n'),
    ofVersion(version) {
      const isPart = (line: string): boolean =>
        line.startsWith(`${version}/`) || !(/^\d+\//.test(line) || line.startsWith('config.pbtxt '));
      return lines.filter(isPart).join('\n');
    },
  };
}

/** `path size time` of a file, `path/` of a folder, sorted by their names. */
async function listFiles(root: string, parent: string, depth: number): Promise<string[]> {
  const names = (await readdir(path.join(root, parent))).filter(name => !name.startsWith('.')).sort();
  const lines: string[] = [];
  for (const name of names) {
    const relative = parent + name;
    // What vanishes while it is looked at is not there, and neither is what a broken link points at.
    const found = await stat(path.join(root, relative), { bigint: true }).catch(() => undefined);
    if (found === undefined) continue;
    if (!found.isDirectory()) {
      lines.push(`${relative} ${found.size} ${found.mtimeNs}`);
      continue;
    }
    lines.push(`${relative}/`);
    if (depth < maxDepth) lines.push(...(await listFiles(root, `${relative}/`, depth + 1).catch(() => [])));
  }
  return lines;
}
