import { describe, expect, it } from 'vitest';
import { findKnownModel, knownModels } from '../../../../../triton/build/registry/known-models.ts';
import { createSources } from '../../../../../triton/build/sources/create-sources.ts';
import { fetchWeights } from '../../../../../triton/build/sources/fetch-weights.ts';
import { recordedProgress } from '../recorded-progress.ts';

describe('the table of known models', () => {
  it('has unique names that Triton and config.yaml take', () => {
    const names = knownModels.map(model => model.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  });

  it.each(knownModels)('describes $name completely', model => {
    expect(model.places.length).toBeGreaterThan(0);
    expect(model.commercialNote).toMatch(/\.$/);
    expect(model.crop === null).toBe(model.kind !== 'embedder');
    for (const weight of model.weights) expect(weight.sha256 ?? '0'.repeat(64)).toMatch(/^[0-9a-f]{64}$/);
    for (const place of model.places) if (place.kind === 'https') expect(place.commit).toMatch(/^[0-9a-f]{40}$/);
    if (model.fallback !== null)
      expect(findKnownModel(model.fallback)).toMatchObject({ kind: model.kind, fallback: null });
  });

  it.each(knownModels.filter(model => model.places.some(place => place.kind === 'npm')))(
    'pins for $name the sums of the npm package that is installed here',
    async model => {
      const fetched = await fetchWeights({
        model: model.name,
        weights: model.weights,
        places: model.places.filter(place => place.kind === 'npm'),
        sources: createSources({ mirror: null }),
        progress: recordedProgress(),
        signal: new AbortController().signal,
      });
      expect(fetched.sums.every(sum => sum.published)).toBe(true);
    },
  );

  it('answers an unknown name with the known ones', () => {
    const names = knownModels.map(model => model.name).join(', ');
    expect(() => findKnownModel('resnet50')).toThrow(`model 'resnet50': expected one of ${names}`);
  });
});
