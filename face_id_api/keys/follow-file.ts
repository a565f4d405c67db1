import { readFile, stat } from 'node:fs/promises';

export type FollowOptions = {
  /** Between two looks. */
  readonly intervalMs: number;
  /** The file's text, or null when it went. What this throws goes to `onError`. */
  readonly onChange: (text: string | null) => void;
  readonly onError: (error: unknown) => void;
};

export type FollowedFile = {
  /** As it was at the start; null: there was none. */
  readonly text: string | null;
  close(): void;
};

/**
 * Reads a file, and again whenever it is another than the last time: by time of change, size and inode, a look every `intervalMs`.
 * Polled rather than watched: secrets are mounted, linked and renamed into place, on file systems that tell nobody.
 * Rejects where it cannot be read at first; afterwards `onError` is told, once for each state of the file.
 */
export async function followFile(
  file: string,
  { intervalMs, onChange, onError }: FollowOptions,
): Promise<FollowedFile> {
  // Before the text, so that what changes in between is seen the next time.
  let seen = await stateOf(file);
  const text = await readText(file);

  async function look(): Promise<void> {
    try {
      const state = await stateOf(file);
      if (state === seen) return;
      seen = state;
      onChange(await readText(file));
    } catch (error) {
      onError(error);
    }
  }

  let ended = false;
  let timer = setTimeout(again, intervalMs).unref();
  function again(): void {
    void look().then(() => {
      if (!ended) timer = setTimeout(again, intervalMs).unref();
    });
  }
  return {
    text,
    close: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}

/** Equal as long as the file is the same. */
async function stateOf(file: string): Promise<string> {
  try {
    const { mtimeNs, ctimeNs, size, ino, mode } = await stat(file, { bigint: true });
    return [mtimeNs, ctimeNs, size, ino, mode].join();
  } catch (error) {
    // Reading it says the same in words.
    return String(error);
  }
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
