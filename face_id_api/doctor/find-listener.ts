import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

const listening = '0A';

/**
 * Who listens on a TCP port of this machine, as `pid 123 (node)`, by Linux' /proc. Null on other systems, and where that is
 * another user's process.
 */
export async function findListener(port: number): Promise<string | null> {
  const sockets = (await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(table => socketsOf(table, port)))).flat();
  if (sockets.length === 0) return null;
  const wanted = new Set(sockets.map(inode => `socket:[${inode}]`));
  for (const pid of await entries('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const descriptor of await entries(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (wanted.has(target)) return `pid ${pid} (${await nameOf(pid)})`;
    }
  }
  return null;
}

/** Inodes of the sockets that listen on a port: `sl local_address rem_address st … inode`. */
async function socketsOf(table: string, port: number): Promise<string[]> {
  const lines = (await readText(table)).split('\n').slice(1);
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return lines.flatMap(line => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    return local.endsWith(suffix) && state === listening ? [inode] : [];
  });
}

/** The program's name; Node calls its threads otherwise in `comm`. */
async function nameOf(pid: string): Promise<string> {
  const [command = ''] = (await readText(`/proc/${pid}/cmdline`)).split('\0');
  return path.basename(command) || (await readText(`/proc/${pid}/comm`)).trim();
}

async function readText(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch(() => '');
}

async function entries(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}
