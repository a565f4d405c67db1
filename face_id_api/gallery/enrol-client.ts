import { setTimeout as wait } from 'node:timers/promises';
import { type EnrolReply, type FaceIdClient, FaceIdError } from '../client/index.ts';
import { type Refusal, refusalsOf } from '../client/refusals-of.ts';
import type { Consent } from '../core/consent.ts';
import type { GateMode } from '../core/gate-mode.ts';
import type { IdentityId } from '../core/identity-id.ts';

export type Photo = { readonly path: string; readonly bytes: Buffer };

export type Enrolled = {
  readonly enrolled: number;
  readonly refused: readonly Refusal[];
  readonly warnings: EnrolReply['warnings'];
};

export type EnrolClient = ReturnType<typeof createEnrolClient>;

/** Tries of photos that a service behind the API had no answer for. */
const tries = 6;

export type EnrolClientOptions = {
  /** What becomes of a photo that falls short, where that is stricter than what the service is told. */
  readonly gate?: GateMode;
  readonly retryMs?: number;
};

/** What bulk enrolment asks of a running API. Rejects with FaceIdError. */
export function createEnrolClient(client: FaceIdClient, { gate, retryMs = 1000 }: EnrolClientOptions = {}) {
  return {
    /** SHA-256 of the images that the person was enrolled from; none for somebody new. */
    async sourcesOf(id: IdentityId, signal: AbortSignal): Promise<Set<string>> {
      try {
        const templates = await client.templates.list(id, { signal });
        return new Set(templates.map(one => one.source_sha256));
      } catch (error) {
        if (error instanceof FaceIdError && error.code === 'UNKNOWN_ID') return new Set();
        throw error;
      }
    },
    /** Adds the photos to the person's templates; those that cannot be used are named by their index. */
    async enrol(
      {
        id,
        photos,
        name,
        consent,
      }: {
        readonly id: IdentityId;
        readonly photos: readonly Photo[];
        readonly name: string | undefined;
        readonly consent?: Consent | undefined;
      },
      signal: AbortSignal,
    ): Promise<Enrolled> {
      const images = photos.map(({ bytes }) => bytes);
      const person = { id, images, ...(name !== undefined && { name }), ...(consent && { consent }) };
      for (let attempt = 1; ; attempt++) {
        try {
          return await client.enrol(person, { mode: 'append', ...(gate && { gate }) }, { signal });
        } catch (error) {
          if (!(error instanceof FaceIdError)) throw error;
          if (error.code === 'NO_FACE_ENROLLED') return { enrolled: 0, refused: refusalsOf(error), warnings: [] };
          // The SDK leaves this alone, as it may have been done. Here the worst is a photo that is there twice, against a long run that ends.
          if (error.code !== 'DEPENDENCY_DOWN' || attempt === tries) throw error;
          await wait(error.retryAfterMs ?? retryMs, undefined, { signal });
        }
      }
    },
  };
}
