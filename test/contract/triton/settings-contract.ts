import { describe, expect, it } from 'vitest';
import { GRPCInferenceService } from '../../../proto/gen/grpc_service_pb.ts';
import { Health, HealthCheckResponse_ServingStatus } from '../../../proto/gen/health_pb.ts';
import type { TritonErrorCode } from '../../../triton/client/triton-error.ts';
import type { RawWire } from './raw-wire.ts';

const { method } = GRPCInferenceService;

type LogValue = boolean | number | string | null;

/** Trace and log settings, shared memory, health: what is answered without a model being run. */
export function describeSettings(wire: () => RawWire): void {
  describe('of settings', () => {
    /** Values by name, joined. */
    async function trace(settings: Readonly<Record<string, string[]>>, modelName = ''): Promise<object> {
      const sent = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, { value }]));
      const answer = await wire().call(method.traceSetting, { settings: sent, modelName });
      return Object.fromEntries(Object.entries(answer.settings).map(([name, { value }]) => [name, value.join()]));
    }

    async function log(settings: Readonly<Record<string, LogValue>>): Promise<object> {
      const sent = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, toLogSetting(value)]));
      const answer = await wire().call(method.logSettings, { settings: sent });
      return Object.fromEntries(
        Object.entries(answer.settings).map(([name, { parameterChoice }]) => [name, parameterChoice.value]),
      );
    }

    const traceDefaults = {
      trace_file: '',
      trace_level: 'OFF',
      trace_mode: 'triton',
      trace_rate: '1000',
      trace_count: '-1',
      log_frequency: '0',
    };

    it('tells trace settings, of all models and of one', async () => {
      expect(await trace({})).toEqual(traceDefaults);
      expect(await trace({}, 'counted')).toEqual(traceDefaults);
    });

    it("keeps trace settings, a model's own before those of all, and forgets those that are sent empty", async () => {
      expect(await trace({ trace_rate: ['5'], trace_count: ['7'] })).toMatchObject({
        trace_rate: '5',
        trace_count: '7',
      });
      expect(await trace({ trace_rate: ['9'] }, 'counted')).toMatchObject({ trace_rate: '9', trace_count: '7' });
      expect(await trace({ trace_rate: ['11'] })).toMatchObject({ trace_rate: '11' });
      expect(await trace({}, 'counted')).toMatchObject({ trace_rate: '9', trace_count: '7' });
      expect(await trace({}, 'strings')).toMatchObject({ trace_rate: '11', trace_count: '7' });
      expect(await trace({ trace_rate: [] }, 'counted')).toMatchObject({ trace_rate: '11' });
      expect(await trace({ trace_rate: [], trace_count: [] })).toEqual(traceDefaults);
      expect(await trace({}, 'counted')).toEqual(traceDefaults);
    });

    it('reads numbers as C++ does, and ignores names and levels that it does not know', async () => {
      expect(await trace({ trace_rate: [' +5x'] })).toMatchObject({ trace_rate: '5' });
      expect(await trace({ trace_rate: ['-1'] })).toMatchObject({ trace_rate: '4294967295' });
      expect(await trace({ log_frequency: ['-2147483648'] })).toMatchObject({ log_frequency: '2147483648' });
      expect(await trace({ unknown: ['1'], trace_level: ['BAD'], trace_mode: ['opentelemetry'] })).toMatchObject({
        trace_level: 'OFF',
        trace_mode: 'triton',
      });
      expect(await trace({ trace_rate: [], log_frequency: [], trace_level: ['OFF'] })).toEqual(traceDefaults);
    });

    it.each<[string, Record<string, string[]>, string, TritonErrorCode, string]>([
      ['of an unknown model', {}, 'nope', 'INVALID_ARGUMENT', 'Request for unknown model : nope'],
      [
        'of an unknown model before anything else',
        { trace_file: [] },
        'nope',
        'INVALID_ARGUMENT',
        'Request for unknown model : nope',
      ],
      [
        'that would name a file',
        { trace_file: [], trace_rate: ['x'] },
        '',
        'UNIMPLEMENTED',
        'trace file location can not be updated through network protocol',
      ],
      [
        'that would trace without a file',
        { trace_level: ['TIMESTAMPS'] },
        '',
        'INVALID_ARGUMENT',
        'Attempting to set invalid trace setting :trace file name is not given',
      ],
      [
        'that are off and on',
        { trace_level: ['TENSORS', 'OFF'] },
        '',
        'INVALID_ARGUMENT',
        "Expect only one trace level 'OFF' is specified",
      ],
      ['of two values', { trace_rate: ['1', '2'] }, '', 'INVALID_ARGUMENT', "expect only 1 value for 'trace_rate'"],
      [
        'that are no number',
        { log_frequency: ['x'] },
        '',
        'INVALID_ARGUMENT',
        "Unable to parse 'log_frequency', got: x",
      ],
      [
        'beyond 32 bits',
        { trace_rate: ['2147483648'] },
        '',
        'INVALID_ARGUMENT',
        "Unable to parse 'trace_rate', value is out of range [ 0, 4294967295 ], got: 2147483648",
      ],
      [
        'beyond 32 bits, of a count',
        { trace_count: ['-2147483649'] },
        '',
        'INVALID_ARGUMENT',
        "Unable to parse 'trace_count', value is out of range [ -1, 2147483647 ], got: -2147483649",
      ],
      [
        'below a count',
        { trace_count: ['-2'] },
        '',
        'INVALID_ARGUMENT',
        "Unable to parse 'trace_count'. Expecting value >= -1, got: -2",
      ],
    ])('refuses trace settings %s, and sets none of them', async (_, settings, model, code, message) => {
      await expect(trace({ trace_count: ['3'], ...settings }, model)).rejects.toMatchObject({ code, message });
      expect(await trace({})).toEqual(traceDefaults);
    });

    const logDefaults = {
      log_file: '',
      log_info: true,
      log_warning: true,
      log_error: true,
      log_verbose_level: 0,
      log_format: 'default',
    };

    it('keeps log settings, and ignores names that it does not know', async () => {
      expect(await log({})).toEqual(logDefaults);
      const changed = { log_info: false, log_verbose_level: 1, log_format: 'ISO8601' };
      expect(await log({ ...changed, unknown: 'x' })).toEqual({ ...logDefaults, ...changed });
      expect(await log({})).toEqual({ ...logDefaults, ...changed });
      expect(await log({ log_verbose_level: 3_000_000_000 })).toMatchObject({ log_verbose_level: 0 });
      expect(await log({ log_info: true, log_format: 'default' })).toEqual(logDefaults);
    });

    it.each<[string, Record<string, LogValue>, TritonErrorCode, string]>([
      [
        'that would name a file',
        { log_file: '' },
        'UNIMPLEMENTED',
        'log file location can not be updated through network protocol',
      ],
      ['that are text, not on or off', { log_info: 'true' }, 'INVALID_ARGUMENT', "expect boolean for 'log_info'"],
      ['of no kind', { log_warning: null }, 'INVALID_ARGUMENT', "expect boolean for 'log_warning'"],
      ['that are no level', { log_verbose_level: true }, 'INVALID_ARGUMENT', "expect int32 for 'log_verbose_level'"],
      ['that are no text', { log_format: 1 }, 'INVALID_ARGUMENT', "expect string for 'log_format'"],
      [
        'of another format',
        { log_format: 'iso8601' },
        'INVALID_ARGUMENT',
        'invalid argument for log_format, got: iso8601',
      ],
    ])('refuses log settings %s', async (_, settings, code, message) => {
      await expect(log(settings)).rejects.toMatchObject({ code, message });
      expect(await log({})).toEqual(logDefaults);
    });

    it('keeps log settings before the one that it refuses', async () => {
      await expect(log({ log_error: 'x', log_info: false, log_format: 'ISO8601' })).rejects.toThrow();
      expect(await log({})).toEqual({ ...logDefaults, log_info: false });
      expect(await log({ log_info: true })).toEqual(logDefaults);
    });
  });

  describe('of shared memory that it cannot reach', () => {
    it('holds no regions, and lets any be unregistered', async () => {
      expect((await wire().call(method.systemSharedMemoryStatus)).regions).toEqual({});
      expect((await wire().call(method.cudaSharedMemoryStatus)).regions).toEqual({});
      await wire().call(method.systemSharedMemoryUnregister, { name: 'r' });
      await wire().call(method.cudaSharedMemoryUnregister, {});
    });

    it('refuses the status of a region by name', async () => {
      await expect(wire().call(method.systemSharedMemoryStatus, { name: 'r' })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: "Unable to find system shared memory region: 'r'",
      });
      await expect(wire().call(method.cudaSharedMemoryStatus, { name: 'r' })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: "Unable to find cuda shared memory region: 'r'",
      });
    });

    it('refuses to register a region', async () => {
      const system = { name: 'r', key: '/face-id-nobody-made-this', byteSize: 16n };
      await expect(wire().call(method.systemSharedMemoryRegister, system)).rejects.toMatchObject({
        code: 'INTERNAL',
        message: "Unable to open shared memory region: '/face-id-nobody-made-this'",
      });
      const cuda = { name: 'r', rawHandle: new Uint8Array(64), byteSize: 16n };
      await expect(wire().call(method.cudaSharedMemoryRegister, cuda)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: 'failed to register shared memory region: invalid args',
      });
    });
  });

  describe('of health', () => {
    it.each(['', 'inference.GRPCInferenceService', 'zzz'])('says that it serves, as service %j', async service => {
      const { status } = await wire().call(Health.method.check, { service });
      expect(status).toBe(HealthCheckResponse_ServingStatus.SERVING);
    });
  });

  describe('of metadata', () => {
    it('names the extensions that both servers have', async () => {
      const { extensions } = await wire().call(method.serverMetadata);
      const common = ['classification', 'model_repository', 'schedule_policy', 'model_configuration'];
      const more = ['binary_tensor_data', 'parameters', 'statistics', 'trace', 'logging'];
      expect(extensions).toEqual(expect.arrayContaining([...common, ...more]));
    });
  });
}

function toLogSetting(value: LogValue) {
  if (value === null) return {};
  if (typeof value === 'boolean') return { parameterChoice: { case: 'boolParam' as const, value } };
  if (typeof value === 'number') return { parameterChoice: { case: 'uint32Param' as const, value } };
  return { parameterChoice: { case: 'stringParam' as const, value } };
}
