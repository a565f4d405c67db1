import { describe, expect, it } from 'vitest';
import { type FetchWeightsOptions, fetchWeights } from '../../../../../triton/build/sources/fetch-weights.ts';
import type { Sources } from '../../../../../triton/build/sources/source.ts';
import { recordedProgress } from '../recorded-progress.ts';
import { emptySources, sha256, tinyModel, tinySources, tinyWeights } from '../tiny-model.ts';

const model = tinyModel();

function options(changes: Partial<FetchWeightsOptions>): FetchWeightsOptions {
  return {
    model: model.name,
    weights: model.weights,
    places: model.places,
    sources: tinySources(),
    progress: recordedProgress(),
    signal: new AbortController().signal,
    ...changes,
  };
}

/** The mirror's b.bin is another file; npm's is right. */
const damagedMirror: Sources = {
  ...tinySources(),
  fetch: async place => {
    const files = new Map<string, Uint8Array>(tinyWeights);
    if (place.kind === 'mirror') files.set('b.bin', new TextEncoder().encode('weights'));
    return { ok: true, files };
  },
};

describe('fetching weights', () => {
  it('takes the first source that delivers', async () => {
    const sources = tinySources();
    const fetched = await fetchWeights(options({ sources }));
    expect(sources.asked).toEqual(['mirror']);
    expect(fetched.source).toEqual({ kind: 'mirror', location: 'mirror' });
  });

  it('names file, expected and got when a sum is wrong, and asks the next source', async () => {
    const progress = recordedProgress();
    const fetched = await fetchWeights(options({ sources: damagedMirror, progress }));
    expect(fetched.source.kind).toBe('npm');
    expect(progress.notes).toEqual([
      `tiny: mirror mirror did not deliver: b.bin: expected SHA-256 ${sha256('weights b')}, ` +
        `got ${sha256('weights')} (expected 9 bytes, got 7)\n` +
        '  what to do: the file is damaged or another one: fetch it again, or use another source',
    ]);
  });

  it('lists every source with its reason and what to do when none delivers', async () => {
    const failing = fetchWeights(options({ sources: emptySources }));
    await expect(failing).rejects.toMatchObject({ name: 'ModelError', code: 'SOURCES_FAILED' });
    await expect(failing).rejects.toThrow(
      [
        'tiny: expected its weights from one of 2 sources, got them from none:',
        '  mirror mirror: no mirror here',
        '    what to do: plug the mirror in',
        '  npm npm: no npm here',
        '    what to do: plug the npm in',
      ].join('\n'),
    );
  });

  it('records the sum where none was published, and says so', async () => {
    const weights = model.weights.map(file => ({ ...file, sha256: null }));
    const { sums } = await fetchWeights(options({ weights }));
    expect(sums).toEqual([
      { file: 'a.bin', sha256: sha256('weights a'), published: false },
      { file: 'b.bin', sha256: sha256('weights b'), published: false },
    ]);
  });

  it('asks nobody once the caller has given up', async () => {
    const sources = tinySources();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(fetchWeights(options({ sources, signal }))).rejects.toThrow('enough');
    expect(sources.asked).toEqual([]);
  });
});
