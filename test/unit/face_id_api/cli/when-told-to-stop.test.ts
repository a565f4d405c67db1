import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, it } from 'vitest';

const file = path.resolve('face_id_api/cli/when-told-to-stop.ts');
const program = `import { whenToldToStop } from ${JSON.stringify(file)};
const going = setInterval(() => {}, 1000);
whenToldToStop(() => { console.log('stops'); clearInterval(going); }, { byNpm: process.argv[1] === 'npm' });
console.log(process.pid);`;

/** The program in a shell that waits for it, as npm starts it; both live. */
async function start(by: string) {
  const command = `"${process.execPath}" --input-type=module-typescript -e "$PROGRAM" ${by} & wait`;
  const shell = spawn('sh', ['-c', command], { env: { ...process.env, PROGRAM: program } });
  let said = '';
  shell.stdout.on('data', chunk => {
    said += chunk;
  });
  await expect.poll(() => said, { timeout: 10_000 }).toMatch(/\d+\n/);
  return { shell, pid: Number(said), said: () => said.split('\n')[1] };
}

it('stops at a signal', async () => {
  const { pid, said, shell } = await start('itself');
  process.kill(pid, 'SIGTERM');
  await once(shell, 'close');
  expect(said()).toBe('stops');
});

it("stops once npm's shell is gone, which nobody told it", async () => {
  const { said, shell } = await start('npm');
  shell.kill('SIGKILL');
  await once(shell, 'close');
  expect(said()).toBe('stops');
});
