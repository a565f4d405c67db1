import { shareThread } from '../share-thread.ts';
import type { IdentityRecord, Template } from '../store/store.ts';
import { compareModels, type ModelComparison, type Probe } from './core/compare-models.ts';
import { type LabelledVectors, lookUp, spread } from './core/leave-one-out.ts';

/** So many templates are looked up by either model. Among 100,000 that takes a minute, and with more the bounds hardly narrow. */
const mostProbes = 2000;
/** Longest that comparing holds the thread before others get a turn. */
const sliceMs = 20;

/** Compares two models over the templates that both have of the same people. */
export async function compareRecords(
  before: readonly IdentityRecord[],
  after: readonly IdentityRecord[],
  signal: AbortSignal,
): Promise<ModelComparison> {
  const pairs = pairUp(before, after);
  const owners = Int32Array.from(pairs, ({ owner }) => owner);
  const old = label(
    owners,
    pairs.map(pair => pair.before),
  );
  const next = label(
    owners,
    pairs.map(pair => pair.after),
  );
  const probes: Probe[] = [];
  const turn = shareThread(sliceMs);
  for (const probe of spread(pairs.length, mostProbes)) {
    await turn();
    signal.throwIfAborted();
    probes.push({ owner: owners[probe]!, before: lookUp(old, probe), after: lookUp(next, probe) });
  }
  return compareModels(probes);
}

type Pair = { readonly owner: number; readonly before: Template; readonly after: Template };

function pairUp(before: readonly IdentityRecord[], after: readonly IdentityRecord[]): Pair[] {
  const carried = new Map(after.flatMap(({ templates }) => templates.map(template => [template.id, template])));
  return before.flatMap(({ templates }, owner) =>
    templates.flatMap(template => {
      const twin = carried.get(template.id);
      return twin === undefined ? [] : [{ owner, before: template, after: twin }];
    }),
  );
}

function label(owners: Int32Array, templates: readonly Template[]): LabelledVectors {
  const dimension = templates[0]?.vector.length ?? 0;
  const values = new Float32Array(templates.length * dimension);
  for (const [i, { vector }] of templates.entries()) values.set(vector, i * dimension);
  return { dimension, values, owners };
}
