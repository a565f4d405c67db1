import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { answer, clientAndFake, configOf, request } from './client-and-fake.ts';
import { refusal } from './open-fake-triton.ts';

const asked = (calls: readonly string[]): number => calls.filter(name => name === 'ModelConfig').length;
const tooMany = { ...request, inputs: [{ ...request.inputs[0]!, shape: [3, 2], data: new Uint8Array(24) }] };

describe("a model's configuration", () => {
  it('is read once for each model and version, however many requests begin at once', async () => {
    const { client, fake } = await clientAndFake({
      modelConfig: () => ({ config: configOf(2) }),
      modelInfer: () => answer,
    });
    await Promise.all(Array.from({ length: 8 }, () => client.infer(request)));
    expect(asked(fake.calls)).toBe(1);
    await client.infer(request);
    await client.infer({ ...request, version: '1' });
    expect(asked(fake.calls)).toBe(2);
    expect(fake.calls.filter(name => name === 'ModelInfer')).toHaveLength(10);
  });

  it('refuses a request before it is sent, with its model and id', async () => {
    const { client, fake } = await clientAndFake({ modelConfig: () => ({ config: configOf(2) }) });
    await expect(client.infer({ ...tooMany, id: 'r1' })).rejects.toMatchObject({
      name: 'TritonError',
      code: 'INVALID_ARGUMENT',
      message: "input 'IN': expected a batch of 1 to 2, got 3",
      model: 'm',
      requestId: 'r1',
    });
    expect(fake.calls).toEqual(['ModelConfig']);
  });

  it('refuses nothing for what the model was before', async () => {
    let batch = 2;
    const { client, fake } = await clientAndFake({
      modelConfig: () => ({ config: configOf(batch) }),
      modelInfer: () => answer,
    });
    await client.infer(request);
    await expect(client.infer(tooMany)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(asked(fake.calls)).toBe(2);
    batch = 3;
    await client.infer(tooMany);
    expect(asked(fake.calls)).toBe(3);
    await client.infer(tooMany);
    expect(asked(fake.calls)).toBe(3);
  });

  it.each([
    ['another version answers', { modelVersion: '2' }],
    ['the server does not find the model', refusal(status.NOT_FOUND, 'gone')],
  ])('is read again when %s', async (_, change) => {
    let changed = false;
    const { client, fake } = await clientAndFake({
      modelConfig: () => ({ config: configOf(2) }),
      modelInfer() {
        if (!changed) return answer;
        if (change instanceof Error) throw change;
        return { ...answer, ...change };
      },
    });
    await client.infer(request);
    changed = true;
    await client.infer(request).catch(() => undefined);
    expect(asked(fake.calls)).toBe(1);
    changed = false;
    await client.infer(request);
    expect(asked(fake.calls)).toBe(2);
  });

  it('is read again after the client has loaded or unloaded the model', async () => {
    const { client, fake } = await clientAndFake({
      modelConfig: () => ({ config: configOf(2) }),
      modelInfer: () => answer,
      repositoryModelLoad: () => ({}),
      repositoryModelUnload: () => ({}),
    });
    for (const change of [() => client.loadModel('m'), () => client.unloadModel('m')]) {
      await client.infer(request);
      const before = asked(fake.calls);
      await change();
      await client.infer(request);
      expect(asked(fake.calls)).toBe(before + 1);
    }
  });

  it("that cannot be read is the request's error, and is asked for again", async () => {
    let there = false;
    const { client, fake } = await clientAndFake({
      modelConfig() {
        if (!there) throw refusal(status.NOT_FOUND, "Request for unknown model: 'm' is not found");
        return { config: configOf(2) };
      },
      modelInfer: () => answer,
    });
    const error = { code: 'NOT_FOUND', message: "Request for unknown model: 'm' is not found", requestId: 'r' };
    await expect(client.infer({ ...request, id: 'r' })).rejects.toMatchObject(error);
    there = true;
    await client.infer(request);
    expect(fake.calls).toEqual(['ModelConfig', 'ModelConfig', 'ModelInfer']);
  });

  it('is not asked for twice of a server that has no such RPC, nor by a client that was told so', async () => {
    const other = await clientAndFake({ modelInfer: () => answer });
    await other.client.infer(tooMany);
    await other.client.infer(request);
    expect(other.fake.calls).toEqual(['ModelConfig', 'ModelInfer', 'ModelInfer']);
    const unchecked = await clientAndFake({ modelInfer: () => answer }, { checkRequests: false });
    await unchecked.client.infer(tooMany);
    expect(unchecked.fake.calls).toEqual(['ModelInfer']);
  });

  it('keeps no request beyond its own deadline or signal, and is there for the next', async () => {
    const config = Promise.withResolvers<{ config: ReturnType<typeof configOf> }>();
    const { client, fake } = await clientAndFake({ modelConfig: () => config.promise, modelInfer: () => answer });
    const controller = new AbortController();
    const late = client.infer(request, { deadlineMs: 20 });
    const left = client.infer(request, { signal: controller.signal });
    const patient = client.infer(request);
    await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', model: 'm' });
    controller.abort(new Error('enough'));
    await expect(left).rejects.toMatchObject({ code: 'CANCELLED', cause: { message: 'enough' } });
    config.resolve({ config: configOf(2) });
    expect((await patient).version).toBe('1');
    expect(fake.calls).toEqual(['ModelConfig', 'ModelInfer']);
  });
});
