import type { BodyOf, IdentityId, Receipt, Template } from './api-types.ts';
import type { Caller } from './caller.ts';
import type { InGallery } from './identity-calls.ts';
import type { Image } from './image.ts';
import { meantIdentity } from './meant-identity.ts';

/** Faces by their vectors, with the model that made them. */
export type GivenEmbeddings = Extract<BodyOf<'reject'>, { embeddings: unknown }>;

/** `/identities/{id}/rejections`: faces that are not this identity. */
export function rejectionCalls(caller: Caller) {
  const { rest, ask } = caller;
  const meant = (id: IdentityId, options: InGallery) => meantIdentity(caller, id, options);

  return {
    /** The largest face of the photo, or these embeddings, are somebody else: such faces do not match the identity any more. */
    async add(id: IdentityId, face: Image | GivenEmbeddings, options: InGallery = {}): Promise<Template[]> {
      const target = meant(id, options);
      if ('embeddings' in face) return (await ask(rest.POST(path, { ...target, body: face }))).added;
      const photo = { body: '', bodySerializer: () => face };
      const headers = { 'content-type': 'application/octet-stream' };
      return (await ask(rest.POST(path, { ...target, ...photo, headers }))).added;
    },

    async list(id: IdentityId, options: InGallery = {}): Promise<Template[]> {
      return (await ask(rest.GET(path, meant(id, options)))).rejections;
    },

    async delete(id: IdentityId, rejection: string, options: InGallery = {}): Promise<Receipt> {
      const { params, ...rest_ } = meant(id, options);
      const given = { params: { ...params, path: { ...params.path, rejection } }, ...rest_ };
      return await ask(rest.DELETE('/identities/{id}/rejections/{rejection}', given));
    },
  };
}

const path = '/identities/{id}/rejections';
