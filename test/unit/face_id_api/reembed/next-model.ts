import type { NamedPhoto } from '../../../../face_id_api/cli/find-photos.ts';
import type { CountProgress } from '../../../../face_id_api/count-progress.ts';
import type { ReembedEngine } from '../../../../face_id_api/reembed/embed-templates.ts';
import { createEmbedder } from '../../../../face_id_api/triton-embedder.ts';
import { fakeCard, fakeFinder, fakeTriton } from '../../../api/face_id_api/fake-deps.ts';

export const oldCard = fakeCard();
export const nextCard = fakeCard({ name: 'next_embedder', fingerprint: 'fp-next' });

/** A model beside the fakes' own that sees the same axes, over the fakes' finder. */
export function nextEngine(change: Partial<ReembedEngine> = {}): ReembedEngine {
  return {
    finder: fakeFinder(),
    embedder: createEmbedder({ client: fakeTriton(), card: nextCard }),
    old: { embedder: createEmbedder({ client: fakeTriton(), card: oldCard }), card: oldCard },
    ...change,
  };
}

export const named = (bytes: Buffer, name = 'photo.jpg'): NamedPhoto => ({ name, read: async () => bytes });

export const noProgress: CountProgress = { start: () => {}, step: () => {}, done: () => {} };
