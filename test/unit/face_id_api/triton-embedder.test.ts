import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../../detector/errors.ts';
import { createEmbedder, type EmbedderTriton } from '../../../face_id_api/triton-embedder.ts';
import { ModelConfigSchema } from '../../../proto/gen/model_config_pb.ts';
import type { ModelCard } from '../../../triton/card.ts';
import { TritonError } from '../../../triton/client/triton-error.ts';
import { cropSpecs } from '../../../triton/core/crop-spec.ts';
import { toFloat32Array } from '../../../triton/core/tensor.ts';
import { dimension, fakeCard, fakeTriton, vectorOf } from '../../api/face_id_api/fake-deps.ts';

const signal = new AbortController().signal;
const side = 112;
const cropBytes = 3 * side * side;

function crops(...who: number[]): Uint8Array {
  const bytes = new Uint8Array(who.length * cropBytes);
  for (const [i, one] of who.entries()) bytes[i * cropBytes] = one;
  return bytes;
}

function embedderOf(change: Partial<EmbedderTriton> = {}, card: Partial<ModelCard> = {}) {
  const client = fakeTriton(change);
  return { client, embedder: createEmbedder({ client, card: fakeCard(card) }) };
}

/** A client that answers any request with this output. */
function answering(shape: number[], values: number[], datatype: 'FP32' | 'FP64' = 'FP32') {
  const data = new Uint8Array(Float32Array.from(values).buffer);
  const outputs = new Map([['OUTPUT__0', { datatype, shape, data }]]);
  return { infer: async () => ({ model: 'fake_embedder', version: '1', outputs }) };
}

describe('createEmbedder', () => {
  it('embeds in order, over as many calls as the batch size asks for', async () => {
    const { client, embedder } = embedderOf();
    const who = [0, 1, 2, 3, 4, 5, 6, 7, 1];
    const vectors = await embedder.embed(crops(...who), who.length, { signal });
    expect(vectors).toEqual(who.map(one => vectorOf(one)));
    expect(client.calls.map(call => call.inputs[0]?.shape[0])).toEqual([4, 4, 1]);
    expect(client.calls[0]?.inputs[0]).toMatchObject({
      name: 'INPUT__0',
      datatype: 'UINT8',
      shape: [4, 3, side, side],
    });
  });

  it("gives each of the model's instances an equal part of the faces", async () => {
    const modelConfig = async () => create(ModelConfigSchema, { maxBatchSize: 8, instanceGroup: [{ count: 2 }] });
    const { client, embedder } = embedderOf({ modelConfig });
    const who = [0, 1, 2, 3, 4];
    expect(await embedder.embed(crops(...who), who.length, { signal })).toEqual(who.map(one => vectorOf(one)));
    await embedder.embed(crops(1), 1, { signal });
    expect(client.calls.map(call => call.inputs[0]?.shape[0])).toEqual([3, 2, 1]);
  });

  it('asks nothing for no faces', async () => {
    const { client, embedder } = embedderOf();
    expect(await embedder.embed(new Uint8Array(0), 0, { signal })).toEqual([]);
    expect(client.calls).toEqual([]);
  });

  it('has at most two calls under way', async () => {
    const plain = fakeTriton();
    let running = 0;
    let most = 0;
    const { embedder } = embedderOf({
      infer: async request => {
        most = Math.max(most, ++running);
        await new Promise(resolve => setImmediate(resolve));
        running -= 1;
        return plain.infer(request);
      },
    });
    await embedder.embed(crops(...Array(20).fill(1)), 20, { signal });
    expect(most).toBe(2);
  });

  it('describes the newest version, and itself from the card', async () => {
    const plain = fakeTriton();
    const modelMetadata = async (name: string) => ({
      ...(await plain.modelMetadata(name)),
      versions: ['9', '10', '2'],
    });
    const { embedder } = embedderOf({ modelMetadata });
    expect(await embedder.describe({ signal })).toEqual({
      name: 'fake_embedder',
      version: '10',
      fingerprint: 'fp-fake',
    });
    expect(embedder.model).toEqual({ name: 'fake_embedder', fingerprint: 'fp-fake', dimension, crop: 'arcface_112' });
  });

  it('reads the model once, and again after a failure', async () => {
    const plain = fakeTriton();
    let reads = 0;
    let down = false;
    const { embedder } = embedderOf({
      modelMetadata: async name => {
        reads += 1;
        return plain.modelMetadata(name);
      },
      infer: async request => {
        if (down) throw new TritonError('UNAVAILABLE', 'gone');
        return plain.infer(request);
      },
    });
    await embedder.embed(crops(1), 1, { signal });
    await embedder.embed(crops(1), 1, { signal });
    expect(reads).toBe(1);
    down = true;
    await expect(embedder.embed(crops(1), 1, { signal })).rejects.toMatchObject({
      code: 'DEPENDENCY_DOWN',
      retryAfterSeconds: 5,
    });
    down = false;
    await embedder.embed(crops(1), 1, { signal });
    expect(reads).toBe(2);
  });

  it('reads the model again when another version answers', async () => {
    const plain = fakeTriton();
    let version = '1';
    const { embedder } = embedderOf({
      modelMetadata: async name => ({ ...(await plain.modelMetadata(name)), versions: [version] }),
      infer: async request => ({ ...(await plain.infer(request)), version }),
    });
    await embedder.embed(crops(1), 1, { signal });
    version = '2';
    await embedder.embed(crops(1), 1, { signal });
    expect((await embedder.describe({ signal })).version).toBe('2');
  });

  it('normalises the pixels itself for a model that takes FP32', async () => {
    const plain = fakeTriton();
    const metadata = await plain.modelMetadata('facenet');
    const size = cropSpecs.box_160.size;
    const inputs = [{ name: 'INPUT__0', datatype: 'FP32', shape: [-1, 3, size, size] }];
    const { embedder } = embedderOf(
      {
        modelMetadata: async () => ({ ...metadata, inputs }),
        infer: async request => {
          const input = request.inputs[0]!;
          expect(input).toMatchObject({ datatype: 'FP32', shape: [1, 3, size, size] });
          expect([...toFloat32Array(input.data).slice(0, 3)]).toEqual([-127.5 / 128, 127.5 / 128, 0.5 / 128]);
          return answering([1, dimension], [...vectorOf(2)]).infer();
        },
      },
      {
        name: 'facenet',
        crop: { name: 'box_160', spec: cropSpecs.box_160 },
        pixel_spec: { mean: 127.5, divisor: 128 },
      },
    );
    const pixels = new Uint8Array(3 * size * size);
    pixels.set([0, 255, 128]);
    expect(await embedder.embed(pixels, 1, { signal })).toEqual([vectorOf(2)]);
  });

  it('refuses a model that takes FP32 where nobody has said how to normalise', async () => {
    const plain = fakeTriton();
    const inputs = [{ name: 'INPUT__0', datatype: 'FP32', shape: [-1, 3, side, side] }];
    const { client, embedder } = embedderOf({
      modelMetadata: async name => ({ ...(await plain.modelMetadata(name)), inputs }),
    });
    await expect(embedder.embed(crops(1), 1, { signal })).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringMatching(
        /expected UINT8, or FP32 and a card with a pixel_spec.*npm run models -- add fake_embedder/,
      ),
    });
    expect(client.calls).toEqual([]);
  });

  it('serves a model without batching, one face a call', async () => {
    const plain = fakeTriton();
    const metadata = await plain.modelMetadata('x');
    const shapes: (readonly number[])[] = [];
    const { embedder } = embedderOf({
      modelConfig: async () => create(ModelConfigSchema, { maxBatchSize: 0 }),
      modelMetadata: async () => ({
        ...metadata,
        inputs: [{ name: 'INPUT__0', datatype: 'UINT8', shape: [3, side, side] }],
        outputs: [{ name: 'OUTPUT__0', datatype: 'FP32', shape: [dimension] }],
      }),
      infer: async request => {
        shapes.push(request.inputs[0]!.shape);
        return answering([dimension], [...vectorOf(1)]).infer();
      },
    });
    expect(await embedder.embed(crops(1, 1), 2, { signal })).toHaveLength(2);
    expect(shapes).toEqual([
      [3, side, side],
      [3, side, side],
    ]);
  });

  it('scales what is a rounding error off to length 1', async () => {
    const { embedder } = embedderOf(answering([1, dimension], [1.0005, 0, 0, 0, 0, 0, 0, 0]));
    expect((await embedder.embed(crops(1), 1, { signal }))[0]?.[0]).toBe(1);
  });

  it.each<[string, Partial<EmbedderTriton>, RegExp]>([
    ['another shape', answering([1, 7], Array(7).fill(0)), /expected FP32 \[1,8\], got FP32 \[1,7\]/],
    ['another datatype', answering([1, 8], Array(16).fill(0), 'FP64'), /expected FP32 \[1,8\], got FP64/],
    ['too few bytes', answering([1, 8], [1, 0]), /expected FP32/],
    ['no output', { infer: async () => ({ model: 'm', version: '1', outputs: new Map() }) }, /got no such tensor/],
    ['a length that is not 1', answering([1, 8], [1.4, 0, 0, 0, 0, 0, 0, 0]), /length 1, got 1\.400/],
    ['NaN', answering([1, 8], [Number.NaN, 1, 0, 0, 0, 0, 0, 0]), /length 1, got NaN/],
    ['infinity', answering([1, 8], [Number.POSITIVE_INFINITY, 0, 0, 0, 0, 0, 0, 0]), /length 1/],
  ])('refuses an answer with %s', async (_, change, message) => {
    const { embedder } = embedderOf(change);
    const failure = embedder.embed(crops(1), 1, { signal });
    await expect(failure).rejects.toBeInstanceOf(ServiceError);
    await expect(failure).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringMatching(message) });
  });

  it('refuses a model whose tensors are not those of the card', async () => {
    const plain = fakeTriton();
    const wrong = async (name: string) => ({
      ...(await plain.modelMetadata(name)),
      inputs: [{ name: 'INPUT__0', datatype: 'UINT8', shape: [-1, 3, 150, 150] }],
    });
    const { embedder } = embedderOf({ modelMetadata: wrong });
    const message = /INPUT__0: expected shape \[-1,3,112,112\], got \[-1,3,150,150\]/;
    await expect(embedder.describe({ signal })).rejects.toThrow(message);
    expect(await embedder.ready({ signal })).toMatchObject({ ok: false, reason: expect.stringMatching(message) });
  });

  it('rejects with the signal’s own reason when the request is over', async () => {
    const over = new AbortController();
    const { embedder } = embedderOf({
      infer: async (_, options) => {
        over.abort(new Error('the client left'));
        throw new TritonError('CANCELLED', String(options?.signal?.aborted));
      },
    });
    await expect(embedder.embed(crops(1), 1, { signal: over.signal })).rejects.toThrow('the client left');
  });

  it('refuses the card of a detector', () => {
    expect(() => embedderOf({}, { kind: 'detector', crop: null })).toThrow(/not that of an embedder/);
  });
});
