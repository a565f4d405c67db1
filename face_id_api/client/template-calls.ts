import type { IdentityId, Moved, QueryOf, Receipt, ReplyOf, Template } from './api-types.ts';
import type { Caller } from './caller.ts';
import type { InGallery } from './identity-calls.ts';
import { meantIdentity } from './meant-identity.ts';

/** `/identities/{id}/templates`: what a person is known by, one at a time. */
export function templateCalls(caller: Caller) {
  const { rest, ask } = caller;
  const meant = (id: IdentityId, options: InGallery) => meantIdentity(caller, id, options);

  return {
    /** In the order in which they were added. */
    async list(id: IdentityId, options: InGallery = {}): Promise<Template[]> {
      return (await ask(rest.GET('/identities/{id}/templates', meant(id, options)))).templates;
    },

    /** `embedding: true` adds the unit vector. */
    async get(
      id: IdentityId,
      template: string,
      { embedding = false, ...options }: InGallery & { readonly embedding?: boolean } = {},
    ): Promise<ReplyOf<'getTemplate'>> {
      const { params, ...rest_ } = meant(id, options);
      const query: QueryOf<'getTemplate'> = { ...params.query, embedding: embedding ? 'true' : 'false' };
      const path = { ...params.path, template };
      return await ask(rest.GET('/identities/{id}/templates/{template}', { params: { path, query }, ...rest_ }));
    },

    async delete(id: IdentityId, template: string, options: InGallery = {}): Promise<Receipt> {
      const { params, ...rest_ } = meant(id, options);
      const given = { params: { ...params, path: { ...params.path, template } }, ...rest_ };
      return await ask(rest.DELETE('/identities/{id}/templates/{template}', given));
    },

    /** Gives templates to somebody who is enrolled. */
    async move(
      id: IdentityId,
      { templates, to }: { readonly templates: readonly string[]; readonly to: IdentityId },
      options: InGallery = {},
    ): Promise<Moved> {
      const body = { templates: [...templates], to };
      return await ask(rest.POST('/identities/{id}/templates/move', { ...meant(id, options), body }));
    },
  };
}
