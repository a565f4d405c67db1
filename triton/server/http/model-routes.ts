import { create } from '@bufbuild/protobuf';
import { ModelMetadataResponseSchema, ModelStatisticsResponseSchema } from '../../../proto/gen/grpc_service_pb.ts';
import { ModelConfigSchema } from '../../../proto/gen/model_config_pb.ts';
import type { InferenceCore } from '../inference-core.ts';
import { emptyReply, errorReply, jsonReply } from './http-reply.ts';
import { messageJson } from './message-json.ts';
import { modelPath, type Route } from './route.ts';

/** What can be read: the server and its health, models with their metadata, configurations, readiness and statistics. */
export function modelRoutes(core: InferenceCore): Route[] {
  const methods = ['GET'];
  const json = { methods, errorType: 'application/json' } as const;
  const text = { methods, errorType: 'text/plain' } as const;
  const statistics = (name: string, version: string) =>
    jsonReply(
      messageJson(
        ModelStatisticsResponseSchema,
        create(ModelStatisticsResponseSchema, { modelStats: [...core.modelStatistics(name, version)] }),
      ),
    );
  return [
    { ...json, path: /^\/v2$/, answer: () => jsonReply(JSON.stringify(core.serverMetadata())) },
    {
      ...text,
      path: /^\/v2\/health\/(live|ready)$/,
      answer([question]) {
        const isWell = question === 'live' ? core.serverLive() : core.serverReady();
        return emptyReply(isWell ? 200 : 400, 'text/plain');
      },
    },
    // Before the model of that name.
    { ...json, path: /^\/v2\/models\/stats$/, answer: () => statistics('', '') },
    {
      ...json,
      path: modelPath(''),
      answer: ([name = '', version = '']) =>
        jsonReply(messageJson(ModelMetadataResponseSchema, core.modelMetadata(name, version))),
    },
    {
      ...json,
      path: modelPath('/config'),
      answer: ([name = '', version = '']) => jsonReply(messageJson(ModelConfigSchema, core.modelConfig(name, version))),
    },
    { ...json, path: modelPath('/stats'), answer: ([name = '', version = '']) => statistics(name, version) },
    {
      ...text,
      path: modelPath('/ready'),
      answer([name = '', version = '']) {
        if (core.modelReady(name, version)) return emptyReply(200, 'text/plain');
        return errorReply(400, 'Model version not ready', 'text/plain');
      },
    },
  ];
}
