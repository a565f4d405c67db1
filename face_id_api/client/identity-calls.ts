import type {
  BodyOf,
  Identity,
  IdentityDetails,
  IdentityId,
  Moved,
  QueryOf,
  Receipt,
  SubjectExport,
} from './api-types.ts';
import type { Caller } from './caller.ts';
import type { CallOptions } from './create-face-id-client.ts';
import { meantIdentity } from './meant-identity.ts';

export type InGallery = CallOptions & {
  /** In place of the client's. */
  readonly gallery?: string;
};

/** Who is listed. A metadata entry that has to be there stands as `'metadata.team': 'blue'`. */
export type IdentitiesQuery = Omit<QueryOf<'listIdentities'>, 'after'> & {
  readonly [entry: `metadata.${string}`]: string | number | boolean;
};

/** `/identities`. An id is meant with its type: 2576 and "2576" are two people. */
export function identityCalls(caller: Caller) {
  const { rest, ask, inGallery } = caller;
  const meant = (id: IdentityId, options: InGallery) => meantIdentity(caller, id, options);

  return {
    /** Everybody, or who fits the query, page by page as they are needed; `limit` is a page's. */
    async *list(query: IdentitiesQuery = {}, { signal }: CallOptions = {}): AsyncGenerator<Identity, void> {
      let after: string | null = null;
      do {
        const page: QueryOf<'listIdentities'> = { ...inGallery(query), ...(after !== null && { after }) };
        const asked = rest.GET('/identities', { params: { query: page }, ...(signal && { signal }) });
        const { identities, next } = await ask(asked);
        yield* identities;
        after = next;
      } while (after !== null);
    },

    async get(id: IdentityId, options: InGallery = {}): Promise<IdentityDetails> {
      return await ask(rest.GET('/identities/{id}', meant(id, options)));
    },

    /** Makes the identity from embeddings, in place of what it had. */
    async put(id: IdentityId, identity: BodyOf<'putIdentity'>, options: InGallery = {}): Promise<Identity> {
      return await ask(rest.PUT('/identities/{id}', { ...meant(id, options), body: identity }));
    },

    /** Changes name, metadata and consent, as a JSON merge patch. */
    async update(id: IdentityId, patch: BodyOf<'patchIdentity'>, options: InGallery = {}): Promise<Identity> {
      return await ask(rest.PATCH('/identities/{id}', { ...meant(id, options), body: patch }));
    },

    /** Gives all templates of `from` to `into`; `from` is no more. */
    async merge(from: IdentityId, into: IdentityId, options: InGallery = {}): Promise<Identity> {
      return await ask(rest.POST('/identities/{id}/merge', { ...meant(into, options), body: { from } }));
    },

    /** Makes the templates named those of a new identity. */
    async split(id: IdentityId, { templates, newId, ...fields }: Split, options: InGallery = {}): Promise<Moved> {
      const body = { ...fields, templates: [...templates], id: newId };
      return await ask(rest.POST('/identities/{id}/split', { ...meant(id, options), body }));
    },

    /** Everything that is kept about the person, to be handed to them; wants the scope admin. */
    async export(id: IdentityId, options: InGallery = {}): Promise<SubjectExport> {
      return await ask(rest.GET('/identities/{id}/export', meant(id, options)));
    },

    /** Erases the person, and says what was erased where. */
    async delete(id: IdentityId, options: InGallery = {}): Promise<Receipt> {
      return await ask(rest.DELETE('/identities/{id}', meant(id, options)));
    },

    /** Erases everybody of the gallery. */
    async deleteAll({ gallery, signal }: InGallery = {}): Promise<Receipt> {
      const query = { ...inGallery(gallery === undefined ? {} : { gallery }), confirm: 'all' };
      return await ask(rest.DELETE('/identities', { params: { query }, ...(signal && { signal }) }));
    },
  };
}

/** Which templates, and of whom; name, metadata and consent of the new one, where they are to come with it. */
export type Split = Omit<BodyOf<'splitIdentity'>, 'templates' | 'id'> & {
  readonly templates: readonly string[];
  readonly newId: IdentityId;
};
