import { describe, expect, it } from 'vitest';
import type { ModelStreamInferResponse } from '../../../proto/gen/grpc_service_pb.ts';
import type { InferInit } from './observed-refusals.ts';
import type { RawWire } from './raw-wire.ts';

const numbers = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const boolean = (value: boolean) => ({ parameterChoice: { case: 'boolParam' as const, value } });

const small = (id: string, more: InferInit = {}): InferInit => ({
  modelName: 'id_FP32',
  id,
  inputs: [{ name: 'IN', datatype: 'FP32', shape: [1n, 1n] }],
  rawInputContents: [numbers(1)],
  ...more,
});

/** Seconds of work for nobody: enough that a small request which came after it is done before it. */
const slow = (id: string): InferInit => ({
  modelName: 'slow',
  id,
  inputs: [{ name: 'IN', datatype: 'FP32', shape: [400n, 400n] }],
  rawInputContents: [new Uint8Array(4 * 400 * 400)],
});

const summary = ({ errorMessage, inferResponse }: ModelStreamInferResponse): string =>
  errorMessage === '' ? `${inferResponse?.id}` : `${inferResponse?.id}: ${errorMessage}`;

/** ModelStreamInfer, with models that give one answer to each request. */
export function describeStreaming(wire: () => RawWire): void {
  describe('of streams', () => {
    it('answers each request with its tensors and id, and says that nothing follows', async () => {
      const [answer] = await wire().streamAll([small('s1', { rawInputContents: [numbers(7)] })]);
      expect(answer).toMatchObject({
        errorMessage: '',
        inferResponse: {
          modelName: 'id_FP32',
          modelVersion: '1',
          id: 's1',
          parameters: { triton_final_response: boolean(true) },
          outputs: [{ name: 'OUT', datatype: 'FP32', shape: [1n, 1n] }],
          rawOutputContents: [numbers(7)],
        },
      });
    });

    it('gives no further, empty answer to who asks for one, because the first says that it is the last', async () => {
      const parameters = { triton_enable_empty_final_response: boolean(true) };
      const answers = await wire().streamAll([small('a', { parameters }), small('b')]);
      expect(answers.map(summary)).toEqual(['a', 'b']);
      expect(answers.map(({ inferResponse }) => inferResponse?.parameters)).toMatchObject([
        { triton_final_response: boolean(true) },
        { triton_final_response: boolean(true) },
      ]);
      expect((await wire().infer(small('unary', { parameters }))).parameters).toEqual({});
    });

    it('answers in the order of the requests, also when a later one is done first', async () => {
      const answers = await wire().streamAll([slow('1'), small('2'), small('3'), slow('4'), small('5')]);
      expect(answers.map(summary)).toEqual(['1', '2', '3', '4', '5']);
    });

    it('tells errors inside the stream, with the id of their request, and goes on', async () => {
      const answers = await wire().streamAll([
        small('e1', { modelName: 'nope' }),
        small('e2', { modelVersion: 'abc' }),
        small('e3', { parameters: { triton_x: boolean(true) } }),
        small('e4', { rawInputContents: [] }),
        small('e5', { rawInputContents: [numbers(1, 2)] }),
        small('', { outputs: [{ name: 'NOPE' }] }),
        small('fine'),
      ]);
      expect(answers.map(summary)).toEqual([
        "e1: Request for unknown model: 'nope' is not found",
        "e2: failed to get model version from specified version string 'abc' (details: stol), version should be an integral value > 0",
        "e3: parameter keys starting with 'triton_' are reserved for Triton usage. Only the following keys starting with 'triton_' are allowed: triton_enable_empty_final_response",
        "e4: unable to find data for input tensor 'IN' for model 'id_FP32' in request.",
        "e5: [request id: e5] input byte size mismatch for input 'IN' for model 'id_FP32'. Expected 4, got 8",
        ": unexpected inference output 'NOPE' for model 'id_FP32'",
        'fine',
      ]);
      expect(answers[0]?.inferResponse).toMatchObject({ modelName: '', parameters: {}, outputs: [] });
    });

    it('ends a stream on which nothing was asked', async () => {
      expect(await wire().streamAll([])).toEqual([]);
    });

    it('keeps many requests of many streams apart', async () => {
      const streams = await Promise.all(
        Array.from({ length: 4 }, (_, stream) =>
          wire().streamAll(
            Array.from({ length: 100 }, (_, place) =>
              small(`${stream}/${place}`, { rawInputContents: [numbers(stream * 1000 + place)] }),
            ),
          ),
        ),
      );
      for (const [stream, answers] of streams.entries()) {
        expect(answers.map(summary)).toEqual(Array.from({ length: 100 }, (_, place) => `${stream}/${place}`));
        expect(answers.map(({ inferResponse }) => inferResponse?.rawOutputContents)).toEqual(
          Array.from({ length: 100 }, (_, place) => [numbers(stream * 1000 + place)]),
        );
      }
    });

    it('serves on after a stream was cancelled', async () => {
      const call = wire().stream();
      const ended = new Promise(resolve => call.on('error', resolve));
      call.cancel();
      expect(await ended).toMatchObject({ code: 1 });
      expect((await wire().streamAll([small('next')])).map(summary)).toEqual(['next']);
    });
  });
}
