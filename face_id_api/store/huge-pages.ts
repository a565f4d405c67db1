import { readFileSync } from 'node:fs';
import koffi from 'koffi';

export type HugePages = {
  /**
   * Asks Linux to hold in pages of 2 MiB what this process has mapped since the last call, where it is large: whatever is read there here and
   * there then waits less often for the table of pages. Does nothing where the system has no such pages or the machine's owner wants none.
   */
  ask(): void;
};

const pageBytes = 2n << 20n;
/** Smaller memory is in the processor's caches most of the time. */
const leastBytes = 16n * pageBytes;
/** Advice to madvise(2): pages touched from here on are to be huge, and those touched before are put together into such, since Linux 6.1. */
const advices = { hugePage: 14, collapse: 25 };

export function createHugePages(): HugePages {
  if (process.platform !== 'linux') return { ask() {} };
  // Node.js cannot say it, and usearch does not.
  const madvise = koffi.load(null).func('int madvise(uintptr_t address, size_t length, int advice)');
  let known = new Set(largeMappings().map(({ range }) => range));
  return {
    ask() {
      const mappings = largeMappings();
      for (const { range, address, length } of mappings) {
        if (known.has(range)) continue;
        // An error means that it stays as it was.
        madvise(address, length, advices.hugePage);
        // Page by page: where nothing was touched yet Linux would leave out all that follows.
        const first = roundUp(address);
        for (let page = first; page + pageBytes <= address + length; page += pageBytes) {
          madvise(page, pageBytes, advices.collapse);
        }
      }
      known = new Set(mappings.map(({ range }) => range));
    },
  };
}

type Mapping = { readonly range: string; readonly address: bigint; readonly length: bigint };

/** Memory that is of no file and has no name (proc_pid_maps(5)). */
function largeMappings(): Mapping[] {
  const lines = readFileSync('/proc/self/maps', 'utf8').matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw-p 0+ 00:00 0 *$/gm);
  return Array.from(lines, ([, begin = '', end = '']) => {
    const address = BigInt(`0x${begin}`);
    return { range: `${begin}-${end}`, address, length: BigInt(`0x${end}`) - address };
  }).filter(({ length }) => length >= leastBytes);
}

function roundUp(address: bigint): bigint {
  return ((address + pageBytes - 1n) / pageBytes) * pageBytes;
}
