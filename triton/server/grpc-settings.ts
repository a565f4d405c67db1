import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { GRPCInferenceService, type LogSettingsResponse } from '../../proto/gen/grpc_service_pb.ts';
import type { Unary } from './grpc-unary.ts';
import type { InferenceCore } from './inference-core.ts';
import type { LogValue } from './log-settings.ts';

const { method } = GRPCInferenceService;

/** TraceSetting and LogSettings. */
export function settingsHandlers(
  { traceSettings, logSettings }: InferenceCore,
  unary: Unary,
): UntypedServiceImplementation {
  return {
    ...unary(method.traceSetting, ({ settings, modelName }) => {
      const sent = mapValues(settings, ({ value }) => value);
      return { settings: mapValues(traceSettings.update(sent, modelName), value => ({ value: [...value] })) };
    }),
    ...unary(method.logSettings, ({ settings }) => {
      const sent = mapValues(settings, ({ parameterChoice }) => parameterChoice.value);
      return { settings: mapValues(logSettings.update(sent), toLogSetting) };
    }),
  };
}

type LogSetting = { parameterChoice: LogSettingsResponse['settings'][string]['parameterChoice'] };

function toLogSetting(value: LogValue): LogSetting {
  if (typeof value === 'boolean') return { parameterChoice: { case: 'boolParam', value } };
  if (typeof value === 'number') return { parameterChoice: { case: 'uint32Param', value } };
  return { parameterChoice: { case: 'stringParam', value } };
}

function mapValues<From, To>(values: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
