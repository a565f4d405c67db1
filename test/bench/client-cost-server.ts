// A gRPC server that takes every message as bytes and answers ModelInfer with a fixed answer: next to nothing of its own.
import { create, toBinary } from '@bufbuild/protobuf';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { GRPCInferenceService, ModelInferResponseSchema } from '../../proto/gen/grpc_service_pb.ts';
import { http2ServersOf } from '../../triton/server/http2-servers.ts';
import { raiseWindows } from '../../triton/server/http2-window.ts';

const answer = Buffer.from(
  toBinary(
    ModelInferResponseSchema,
    create(ModelInferResponseSchema, {
      modelName: 'model',
      modelVersion: '1',
      outputs: [{ name: 'OUT', datatype: 'FP32', shape: [1n, 4n] }],
      rawOutputContents: [new Uint8Array(16)],
    }),
  ),
);
const path = `/${GRPCInferenceService.typeName}/${GRPCInferenceService.method.modelInfer.name}`;
const server = new Server({ 'grpc.max_receive_message_length': -1 });
server.addService(
  {
    ModelInfer: {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: (bytes: Buffer) => bytes,
      requestDeserialize: (bytes: Buffer) => bytes,
      responseSerialize: (bytes: Buffer) => bytes,
      responseDeserialize: (bytes: Buffer) => bytes,
    },
  },
  { ModelInfer: (_call: unknown, callback: (error: null, answer: Buffer) => void) => callback(null, answer) },
);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  for (const http2Server of http2ServersOf(server)) raiseWindows(http2Server, 16 * 1024 * 1024);
  process.send?.(port);
});
process.on('disconnect', () => process.exit());
