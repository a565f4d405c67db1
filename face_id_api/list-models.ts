import type { FaceFinder } from '../detector/face-finder.ts';
import type { ModelCard } from '../triton/card.ts';
import type { TritonClient } from '../triton/client/triton-client.ts';

export type ModelStatus = {
  readonly card: ModelCard;
  /** Whether this service uses it. */
  readonly active: boolean;
  readonly ready: boolean;
};

export type ModelLister = (limits: { readonly signal: AbortSignal }) => Promise<readonly ModelStatus[]>;

/** Every installed model with its card, and whether it can work now: embedders as Triton says, detectors as the finder says. */
export function createModelLister(deps: {
  readonly cards: readonly ModelCard[];
  readonly embedder: string;
  readonly client: Pick<TritonClient, 'modelReady'>;
  readonly finder: FaceFinder;
}): ModelLister {
  const { cards, embedder, client, finder } = deps;
  return async ({ signal }) => {
    const looking = await finder.ready().catch(() => ({ ok: false }) as const);
    return Promise.all(
      cards.map(async card => {
        if (card.kind === 'detector') {
          const active = looking.ok && looking.detector === card.name;
          return { card, active, ready: active };
        }
        const ready = await client.modelReady(card.name, { signal }).catch(() => false);
        return { card, active: card.name === embedder, ready };
      }),
    );
  };
}
