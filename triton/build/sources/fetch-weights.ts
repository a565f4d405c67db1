import { createHash } from 'node:crypto';
import { ModelError } from '../model-error.ts';
import type { Progress } from '../progress.ts';
import type { FetchOutcome, SourcePlace, Sources, WeightFile } from './source.ts';

export type FetchedWeights = {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly source: { readonly kind: SourcePlace['kind']; readonly location: string };
  /** `published`: checked against a sum that was known before; false: the sum is what arrived. */
  readonly sums: readonly { readonly file: string; readonly sha256: string; readonly published: boolean }[];
};

export type FetchWeightsOptions = {
  readonly model: string;
  readonly weights: readonly WeightFile[];
  readonly places: readonly SourcePlace[];
  readonly sources: Sources;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

/**
 * Asks the places in order until one delivers every file with the right sum. A place that fails is noted with its
 * reason and what to do; files of two places are never mixed. Rejects with SOURCES_FAILED, which lists every place, its reason and what to do.
 */
export async function fetchWeights(options: FetchWeightsOptions): Promise<FetchedWeights> {
  const { model, weights, sources, progress, signal } = options;
  const failures: string[] = [];
  for (const place of options.places) {
    signal.throwIfAborted();
    const location = sources.locate(place);
    const called = `${place.kind} ${location}`;
    if (sources.has(place)) progress.step(`fetching from ${called}`, 0);
    const outcome = checked(
      weights,
      await sources.fetch(place, {
        files: weights,
        signal,
        onBytes: done => progress.step(`fetching from ${called}`, done),
      }),
    );
    if (outcome.ok) return { files: outcome.files, source: { kind: place.kind, location }, sums: outcome.sums };
    failures.push(`  ${called}: ${outcome.reason}\n    what to do: ${outcome.remedy}`);
    if (!sources.has(place)) continue;
    progress.note(`${model}: ${called} did not deliver: ${outcome.reason}\n  what to do: ${outcome.remedy}`);
  }
  throw new ModelError(
    'SOURCES_FAILED',
    `${model}: expected its weights from one of ${failures.length} sources, got them from none:\n${failures.join('\n')}`,
  );
}

type Checked =
  | { readonly ok: true; readonly files: ReadonlyMap<string, Uint8Array>; readonly sums: FetchedWeights['sums'] }
  | Extract<FetchOutcome, { ok: false }>;

function checked(weights: readonly WeightFile[], outcome: FetchOutcome): Checked {
  if (!outcome.ok) return outcome;
  const sums: FetchedWeights['sums'][number][] = [];
  for (const { name, sha256, bytes } of weights) {
    const data = outcome.files.get(name);
    if (data === undefined) return { ok: false, reason: `${name}: not delivered`, remedy: 'report this source' };
    const got = createHash('sha256').update(data).digest('hex');
    if (sha256 !== null && got !== sha256) {
      const size = data.length === bytes ? '' : ` (expected ${bytes} bytes, got ${data.length})`;
      const reason = `${name}: expected SHA-256 ${sha256}, got ${got}${size}`;
      return { ok: false, reason, remedy: 'the file is damaged or another one: fetch it again, or use another source' };
    }
    sums.push({ file: name, sha256: got, published: sha256 !== null });
  }
  return { ok: true, files: outcome.files, sums };
}
