import type { BesideReply, BodyOf, Gallery, ImportReply, Receipt, ReplyOf, Swept } from './api-types.ts';
import type { Caller } from './caller.ts';
import type { CallOptions } from './create-face-id-client.ts';
import { errorOfReply } from './face-id-error.ts';
import { type ArchiveLine, readArchive } from './read-archive.ts';

/** An archive to import: whole, as a stream, or as text or bytes that come by and by. */
export type Archive = string | Blob | Uint8Array | ReadableStream | AsyncIterable<string | Uint8Array>;

/** `/galleries`: sets of people that know nothing of each other. */
export function galleryCalls({ rest, ask }: Caller) {
  const named = (name: string, { signal }: CallOptions) => ({
    params: { path: { name } },
    ...(signal && { signal }),
  });

  /** The archive's bytes, to be written somewhere. */
  async function exportStream(name: string, options: CallOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const asked = rest.GET('/galleries/{name}/export', { ...named(name, options), parseAs: 'stream' });
    const { data, error, response } = await asked;
    if (response.ok && data) return data;
    throw errorOfReply(response, error);
  }

  return {
    exportStream,

    async list({ signal }: CallOptions = {}): Promise<Gallery[]> {
      return (await ask(rest.GET('/galleries', { ...(signal && { signal }) }))).galleries;
    },

    async get(name: string, options: CallOptions = {}): Promise<Gallery> {
      return await ask(rest.GET('/galleries/{name}', named(name, options)));
    },

    /** Makes a gallery; one that is there stays as it is. */
    async put(name: string, options: CallOptions & { readonly kind?: string } = {}): Promise<Gallery> {
      const body = options.kind === undefined ? {} : { kind: options.kind };
      return await ask(rest.PUT('/galleries/{name}', { ...named(name, options), body }));
    },

    /** Erases a gallery with everybody in it. */
    async delete(name: string, { signal }: CallOptions = {}): Promise<Receipt> {
      const params = { path: { name }, query: { confirm: 'all' } };
      return await ask(rest.DELETE('/galleries/{name}', { params, ...(signal && { signal }) }));
    },

    /** Who is not to be kept any longer; `apply` erases them, at most `limit` a call. */
    async sweep(
      name: string,
      { apply = false, limit = 100, signal }: CallOptions & { readonly apply?: boolean; readonly limit?: number } = {},
    ): Promise<Swept> {
      const params = { path: { name }, query: { dry_run: apply ? ('false' as const) : ('true' as const), limit } };
      return await ask(rest.POST('/galleries/{name}/sweep', { params, ...(signal && { signal }) }));
    },

    /** The gallery beside one, by another model, and what it has to catch up with. */
    async beside(name: string, options: CallOptions = {}): Promise<BesideReply> {
      return await ask(rest.GET('/galleries/{name}/beside', named(name, options)));
    },

    /** Makes the gallery beside one, for vectors of another model. */
    async putBeside(name: string, model: BodyOf<'putBeside'>['model'], options: CallOptions = {}): Promise<Gallery> {
      return await ask(rest.PUT('/galleries/{name}/beside', { ...named(name, options), body: { model } }));
    },

    /** Makes the gallery beside one, which has this model, the gallery; `force`: also where it is behind. */
    async switch(
      name: string,
      fingerprint: string,
      { force = false, ...options }: CallOptions & { readonly force?: boolean } = {},
    ): Promise<ReplyOf<'switchGallery'>> {
      const body = { fingerprint, force };
      return await ask(rest.POST('/galleries/{name}/switch', { ...named(name, options), body }));
    },

    /** Header, people and end of the archive, one at a time as they arrive. */
    async *export(name: string, options: CallOptions = {}): AsyncGenerator<ArchiveLine, void> {
      yield* readArchive(await exportStream(name, options));
    },

    /** Adds the archive's people; lines that cannot be used are named in the reply. It is sent once: a stream cannot be repeated. */
    async import(name: string, archive: Archive, options: CallOptions = {}): Promise<ImportReply> {
      const given = {
        ...named(name, options),
        // The document has text where it means a stream, so that the serializer alone has it.
        body: '',
        bodySerializer: () => toBody(archive),
        headers: { 'content-type': 'application/x-ndjson' },
        // fetch wants this of a body that is a stream; openapi-fetch hands it on.
        duplex: 'half' as const,
      };
      return await ask(rest.POST('/galleries/{name}/import', given));
    },
  };
}

function toBody(archive: Archive): Exclude<Archive, AsyncIterable<unknown>> | ReadableStream {
  const isWhole = typeof archive === 'string' || archive instanceof Blob || archive instanceof Uint8Array;
  if (isWhole || archive instanceof ReadableStream) return archive;
  const encoder = new TextEncoder();
  const chunks = archive[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}
