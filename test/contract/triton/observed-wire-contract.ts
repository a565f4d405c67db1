import { type JsonValue, toJson } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unaryCall } from '../../../triton/client/unary-call.ts';
import { grpcMethod } from '../../../triton/grpc-definition.ts';
import { type ObservedCall, observedWire, parseObservedWire } from './observed-wire.ts';
import type { OpenedTriton, OpenTriton } from './open-triton.ts';

/** Sections whose answers depend on nothing that was asked before. */
const stateless = /^[1236]\./;
/** Models of the record that are Python code with no like in ONNX, or that another file describes. */
const otherModels = new Set(['boom', 'embed']);

const calls = observedWire === null ? [] : parseObservedWire(observedWire).filter(isReplayed);

/** What a real Triton was seen to answer, asked again. Its models were Python; those of `fixture-repository.ts` are the same in ONNX. */
export function describeObservedWire(name: string, open: OpenTriton): void {
  describe.skipIf(observedWire === null)(
    `${name}, asked what was observed${observedWire === null ? ' (skipped: ../shared is not here)' : ''},`,
    () => {
      let server: OpenedTriton;
      let client: Client;

      beforeAll(async () => {
        server = await open();
        client = new Client(server.address, credentials.createInsecure());
      });
      afterAll(async () => {
        client?.close();
        await server?.close();
      });

      it('has calls to repeat', () => {
        expect(calls.length).toBeGreaterThan(50);
      });

      for (const { title, method, request, answer } of calls) {
        it(`answers: ${title}`, async () => {
          const call = unaryCall(client, grpcMethod(method), request, { deadlineMs: 20_000 });
          if ('json' in answer) expect(comparable(toJson(method.output, await call))).toEqual(inOnnx(answer.json));
          else await expect(call).rejects.toMatchObject({ code: answer.code, message: answer.text });
        });
      }
    },
  );
}

function isReplayed({ section, request }: ObservedCall): boolean {
  const model = 'modelName' in request ? request.modelName : 'name' in request ? request.name : '';
  return stateless.test(section) && !otherModels.has(String(model));
}

/** An answer about a Python model as it is about an ONNX model. */
function inOnnx(answer: JsonValue): JsonValue {
  const text = JSON.stringify(answer)
    .replace('"platform":"python"', '"platform":"onnxruntime_onnx"')
    .replace('"backend":"python"', '"backend":"onnxruntime","platform":"onnxruntime_onnx"')
    .replace('"model.py"', '"model.onnx"');
  return JSON.parse(text);
}

/** Without `runtime`, which says how NVIDIA's server loads the backend, and with the record's version for any other. */
function comparable(answer: JsonValue): JsonValue {
  return JSON.parse(
    JSON.stringify(answer)
      .replace(/,?"runtime":"[^"]*"/, '')
      .replace(/"version":"\d+\.\d+\.\d+"/, '"version":"2.51.0"'),
  );
}
