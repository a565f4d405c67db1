import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

it.each([
  ['FACE_ID_CONFIG', '/tmp', '/tmp: is a folder, where a file is expected\n'],
  ['FACE_ID__DATA_DIR', '/etc/passwd', '/etc/passwd: a file stands where a folder is expected\n'],
  ['FACE_ID__DATA_DIR', '/etc/passwd/x', '/etc/passwd/x: a file stands where a folder is expected\n'],
])('a start with %s=%s says what is wrong, without a stack', (name, value, said) => {
  const env = { PATH: process.env.PATH, [name]: value };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['main.ts', 'serve'], { cwd: root, env });
  expect({ status, stdout: `${stdout}`, stderr: `${stderr}` }).toEqual({ status: 1, stdout: '', stderr: said });
});
