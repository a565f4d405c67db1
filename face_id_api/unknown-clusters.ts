import { createHash } from 'node:crypto';
import { clusterFaces, type FaceCluster } from './core/cluster-faces.ts';
import type { IdentityPatch } from './core/identity-fields.ts';
import type { IdentityId } from './core/identity-id.ts';
import { mostDifferent } from './core/most-different.ts';
import { shareThread } from './share-thread.ts';
import { clusterNotFound } from './store/gallery-rules.ts';
import type { Erased, NewTemplate, Store } from './store/store.ts';
import type { UnknownFace } from './store/teaching.ts';
import { never, type UnknownKeeper } from './unknown-keeper.ts';

/** Unknown faces that are likely to be one person's. */
export type UnknownCluster = {
  /** Of these faces and no others: with another member it is another cluster. */
  readonly id: string;
  readonly size: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** Mean cosine of its pairs. */
  readonly cohesion: number;
};

export type ClusterOptions = { readonly threshold: number; readonly signal: AbortSignal };

export type ClusterEnrolment = {
  readonly id: IdentityId;
  readonly fields: IdentityPatch;
  /** Faces that become templates, those that differ most; the others go. */
  readonly templates: number;
};

/** Longest that grouping holds the thread before others get a turn. */
const sliceMs = 10;

/** Groups of unknown faces, made when they are asked for. A group that was listed can be meant by its id although others came since. */
export function createUnknownClusters(store: Store, keeper: Pick<UnknownKeeper, 'since' | 'flush'>) {
  /** Of each gallery's last listing: the ids of each group's faces. */
  const listed = new Map<string, ReadonlyMap<string, readonly string[]>>();

  async function group(gallery: string, { threshold, signal }: ClusterOptions) {
    await keeper.flush();
    const faces = await store.gallery(gallery).listUnknowns(keeper.since());
    const clusters = await inSlices(
      clusterFaces(
        faces.map(({ vector }) => vector),
        threshold,
      ),
      signal,
    );
    return clusters.map(cluster => describe(cluster, faces));
  }

  /** The faces of a group that are still there. */
  async function facesOf(gallery: string, id: string, options: ClusterOptions): Promise<readonly UnknownFace[]> {
    let ids = listed.get(gallery)?.get(id);
    ids ??= (await group(gallery, options)).find(cluster => cluster.id === id)?.faces;
    if (ids === undefined) throw clusterNotFound();
    const wanted = new Set(ids);
    const faces = (await store.gallery(gallery).listUnknowns(keeper.since())).filter(face => wanted.has(face.id));
    if (faces.length === 0) throw clusterNotFound();
    return faces;
  }

  return {
    /** Largest first; those with at least `minSize` faces. `faces`: how many there are in all. */
    async list(
      gallery: string,
      options: ClusterOptions & { readonly minSize: number },
    ): Promise<{ readonly clusters: readonly UnknownCluster[]; readonly faces: number }> {
      const clusters = await group(gallery, options);
      listed.set(gallery, new Map(clusters.map(({ id, faces }) => [id, faces])));
      const faces = clusters.reduce((sum, { size }) => sum + size, 0);
      return { clusters: clusters.filter(({ size }) => size >= options.minSize), faces };
    },
    /** Enrols a group as one identity, beside what that has. CLUSTER_NOT_FOUND where it is no group any more. */
    async enrol(gallery: string, cluster: string, enrolment: ClusterEnrolment, options: ClusterOptions) {
      const faces = await facesOf(gallery, cluster, options);
      const vectors = faces.map(({ vector }) => vector);
      const templates = mostDifferent(vectors, enrolment.templates).map(place => toTemplate(faces[place]!));
      const { id, fields } = enrolment;
      const ids = faces.map(face => face.id);
      const enrolled = await store.gallery(gallery).enrolUnknowns({ id, fields, templates, mode: 'append' }, ids);
      return { enrolled: templates.length, templates: enrolled.templates, faces: faces.length };
    },
    async remove(gallery: string, cluster: string, options: ClusterOptions): Promise<Erased> {
      const faces = await facesOf(gallery, cluster, options);
      return await store.gallery(gallery).removeUnknowns({ ids: faces.map(({ id }) => id) });
    },
    /** Every unknown face of a gallery. */
    async removeAll(gallery: string): Promise<Erased> {
      // What was seen before this call goes with the others.
      await keeper.flush();
      listed.delete(gallery);
      return await store.gallery(gallery).removeUnknowns({ seenBefore: never });
    },
  };
}

async function inSlices<T>(steps: Generator<void, T>, signal: AbortSignal): Promise<T> {
  const turn = shareThread(sliceMs);
  for (;;) {
    await turn();
    signal.throwIfAborted();
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function describe({ members, cohesion }: FaceCluster, faces: readonly UnknownFace[]) {
  const own = members.map(place => faces[place]!);
  const ids = own.map(({ id }) => id);
  const hash = createHash('sha256').update(ids.toSorted().join()).digest('hex');
  // The oldest is the first, as they are listed.
  const [firstSeen = '', lastSeen = ''] = [own[0]?.seen, own.at(-1)?.seen];
  return { id: hash.slice(0, 32), size: own.length, firstSeen, lastSeen, cohesion, faces: ids };
}

/** There is no image to have a sum of: that of the vector stands in its place. */
function toTemplate({ vector, detector }: UnknownFace): NewTemplate {
  const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  return { vector, detector, sourceSha256: createHash('sha256').update(bytes).digest('hex') };
}
