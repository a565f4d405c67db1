import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  GRPCInferenceService,
  type LogSettingsRequest_SettingValueSchema,
  type LogSettingsResponse,
  type TraceSettingResponse,
} from '../../proto/gen/grpc_service_pb.ts';
import type { Rpc } from './rpc.ts';
import type { LogSettings, TraceSettings, TritonClient } from './triton-client.ts';

const { method } = GRPCInferenceService;

export function createSettingsCalls(
  rpc: Rpc,
): Pick<TritonClient, 'traceSettings' | 'updateTraceSettings' | 'logSettings' | 'updateLogSettings'> {
  return {
    async traceSettings(model = '', options) {
      return toTraceSettings(await rpc(method.traceSetting, { modelName: model }, options, { model }));
    },
    async updateTraceSettings(settings, options) {
      const { model = '' } = options ?? {};
      const values = Object.entries(settings).map(([name, value]) => [
        name,
        { value: value === null ? [] : typeof value === 'string' ? [value] : [...value] },
      ]);
      const request = { modelName: model, settings: Object.fromEntries(values) };
      return toTraceSettings(await rpc(method.traceSetting, request, options, { model }));
    },
    async logSettings(options) {
      return toLogSettings(await rpc(method.logSettings, {}, options));
    },
    async updateLogSettings(settings, options) {
      const values = Object.entries(settings).map(([name, value]) => [name, toLogValue(value)]);
      return toLogSettings(await rpc(method.logSettings, { settings: Object.fromEntries(values) }, options));
    },
  };
}

function toTraceSettings({ settings }: TraceSettingResponse): TraceSettings {
  return Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value]));
}

function toLogSettings({ settings }: LogSettingsResponse): LogSettings {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, { parameterChoice }]) =>
      parameterChoice.case === undefined ? [] : [[name, parameterChoice.value]],
    ),
  );
}

function toLogValue(value: boolean | number | string): MessageInitShape<typeof LogSettingsRequest_SettingValueSchema> {
  switch (typeof value) {
    case 'boolean':
      return { parameterChoice: { case: 'boolParam', value } };
    case 'number':
      return { parameterChoice: { case: 'uint32Param', value } };
    default:
      return { parameterChoice: { case: 'stringParam', value } };
  }
}
