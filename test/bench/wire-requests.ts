import { create } from '@bufbuild/protobuf';
import { ModelInferRequestSchema } from '../../proto/gen/grpc_service_pb.ts';
import { encodeInferRequest } from '../../triton/model-infer-method.ts';
import { runOnnx } from '../golden/triton/build/networks/run-onnx.ts';
import type { WireRequest } from './wire-answer.ts';
import type { WireModel } from './wire-models.ts';

/** Requests of values of their own to the model under `modelName`, with what ONNX Runtime makes of each alone. */
export async function encodeRequests(model: WireModel, modelName: string): Promise<WireRequest[]> {
  const { input, output, rows, onnx } = model;
  const shape = [rows, ...input.dims];
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const requests: WireRequest[] = [];
  for (let seed = 0; seed < model.requests; seed++) {
    const values = Array.from({ length: size }, (_, i) => (i * (2 * seed + 3) + (i >> 8)) % 251);
    const data = input.datatype === 'UINT8' ? Uint8Array.from(values) : Float32Array.from(values, value => value / 251);
    const outputs = await runOnnx(onnx, { name: input.name, shape, data });
    const expected = outputs.get(output.name)?.data;
    if (expected === undefined) throw new Error(`${model.name}: expected the output ${output.name}`);
    const request = create(ModelInferRequestSchema, {
      modelName,
      inputs: [{ name: input.name, datatype: input.datatype, shape: shape.map(BigInt) }],
      rawInputContents: [new Uint8Array(data.buffer)],
    });
    requests.push({ message: encodeInferRequest(request), expected });
  }
  return requests;
}
