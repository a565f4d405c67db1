import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createTerminalProgress } from '../../../../triton/build/terminal-progress.ts';

describe('progress where there is no terminal', () => {
  it('is one plain line per step', () => {
    const stream = new PassThrough();
    const progress = createTerminalProgress(stream);
    progress.start('mtcnn', 100);
    progress.step('fetching from wheel', 0);
    progress.step('fetching from wheel', 50);
    progress.note('something to know');
    progress.step('building', 100);
    progress.done('installed');
    expect(stream.read().toString()).toBe(
      'mtcnn: fetching from wheel\nsomething to know\nmtcnn: building\nmtcnn: installed\n',
    );
  });
});
