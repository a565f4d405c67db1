import type { BodyOf, IdentityId, QueryOf, Receipt, ReplyOf } from './api-types.ts';
import type { Caller } from './caller.ts';
import type { CallOptions } from './create-face-id-client.ts';
import type { InGallery } from './identity-calls.ts';

export type Duplicate = ReplyOf<'listDuplicates'>['pairs'][number];
export type UnknownClusters = ReplyOf<'listClusters'>;
export type UnknownCluster = UnknownClusters['clusters'][number];

/** `/duplicates`: identities that may be one person. */
export function duplicateCalls({ rest, ask, inGallery }: Caller) {
  const both = (a: IdentityId, b: IdentityId, { gallery, signal }: InGallery) => ({
    params: { query: inGallery(gallery === undefined ? {} : { gallery }) },
    body: { a, b },
    ...(signal && { signal }),
  });

  return {
    /** All of them, page by page as they are needed: a large gallery takes as long as it takes to search it once for everybody. */
    async *list(query: QueryOf<'listDuplicates'> = {}, { signal }: CallOptions = {}): AsyncGenerator<Duplicate, void> {
      let after = query.after ?? null;
      do {
        const page: QueryOf<'listDuplicates'> = { ...inGallery(query), ...(after !== null && { after }) };
        const asked = rest.GET('/duplicates', { params: { query: page }, ...(signal && { signal }) });
        const { pairs, next } = await ask(asked);
        yield* pairs;
        after = next;
      } while (after !== null);
    },

    /** These are two people: the pair is listed no more. */
    async dismiss(a: IdentityId, b: IdentityId, options: InGallery = {}): Promise<ReplyOf<'dismissDuplicate'>> {
      return await ask(rest.POST('/duplicates/dismiss', both(a, b, options)));
    },

    /** Takes a dismissal back. */
    async restore(a: IdentityId, b: IdentityId, options: InGallery = {}): Promise<ReplyOf<'restoreDuplicate'>> {
      return await ask(rest.POST('/duplicates/restore', both(a, b, options)));
    },
  };
}

/** `/unknowns`: faces that nobody was found for, where the service keeps them. */
export function unknownCalls({ rest, ask, inGallery }: Caller) {
  return {
    /** In groups that are likely to be one person each. */
    async clusters(query: QueryOf<'listClusters'> = {}, { signal }: CallOptions = {}): Promise<UnknownClusters> {
      const params = { query: inGallery(query) };
      return await ask(rest.GET('/unknowns/clusters', { params, ...(signal && { signal }) }));
    },

    /** Enrols a group as one identity, beside what that has. */
    async enrol(
      cluster: string,
      person: BodyOf<'enrolCluster'>,
      query: QueryOf<'enrolCluster'> = {},
      { signal }: CallOptions = {},
    ): Promise<ReplyOf<'enrolCluster'>> {
      const params = { path: { cluster }, query: inGallery(query) };
      const given = { params, body: person, ...(signal && { signal }) };
      return await ask(rest.POST('/unknowns/clusters/{cluster}/enrol', given));
    },

    /** Erases a group. */
    async delete(
      cluster: string,
      query: QueryOf<'deleteCluster'> = {},
      { signal }: CallOptions = {},
    ): Promise<Receipt> {
      const params = { path: { cluster }, query: inGallery(query) };
      return await ask(rest.DELETE('/unknowns/clusters/{cluster}', { params, ...(signal && { signal }) }));
    },

    /** Erases every unknown face of the gallery. */
    async deleteAll({ gallery, signal }: InGallery = {}): Promise<Receipt> {
      const query = { ...inGallery(gallery === undefined ? {} : { gallery }), confirm: 'all' };
      return await ask(rest.DELETE('/unknowns', { params: { query }, ...(signal && { signal }) }));
    },
  };
}
