import { describe, expect, it } from 'vitest';
import type {
  LogSettingsRequest,
  ModelStatisticsRequest,
  RepositoryModelLoadRequest,
  TraceSettingRequest,
} from '../../../../proto/gen/grpc_service_pb.ts';
import type { HealthCheckResponse_ServingStatus } from '../../../../proto/gen/health_pb.ts';
import { clientAndFake } from './client-and-fake.ts';

describe('model control', () => {
  it('loads a model with another configuration and other files', async () => {
    const requests: RepositoryModelLoadRequest[] = [];
    const { client } = await clientAndFake({
      repositoryModelLoad(request) {
        requests.push(request);
        return {};
      },
    });
    await client.loadModel('m');
    await client.loadModel('m', { config: { max_batch_size: 2 }, files: { '1/model.onnx': Uint8Array.of(1, 2) } });
    await client.loadModel('m', { config: '{"max_batch_size":3}' });
    const overrides = requests.map(({ modelName, parameters }) => [
      modelName,
      Object.fromEntries(Object.entries(parameters).map(([name, { parameterChoice }]) => [name, parameterChoice])),
    ]);
    expect(overrides).toEqual([
      ['m', {}],
      [
        'm',
        {
          config: { case: 'stringParam', value: '{"max_batch_size":2}' },
          'file:1/model.onnx': { case: 'bytesParam', value: Uint8Array.of(1, 2) },
        },
      ],
      ['m', { config: { case: 'stringParam', value: '{"max_batch_size":3}' } }],
    ]);
  });

  it('unloads a model, with those that depend on it where told', async () => {
    const seen: unknown[] = [];
    const { client } = await clientAndFake({
      repositoryModelUnload({ modelName, parameters }) {
        seen.push([modelName, parameters.unload_dependents?.parameterChoice]);
        return {};
      },
    });
    await client.unloadModel('m');
    await client.unloadModel('m', { unloadDependents: true });
    expect(seen).toEqual([
      ['m', undefined],
      ['m', { case: 'boolParam', value: true }],
    ]);
  });

  it('lists what is there, or what is ready', async () => {
    const all = [
      { name: 'a', version: '1', state: 'READY', reason: '' },
      { name: 'b', version: '', state: 'UNAVAILABLE', reason: 'unloaded' },
    ];
    const { client } = await clientAndFake({
      repositoryIndex: ({ ready }) => ({ models: ready ? all.slice(0, 1) : all }),
    });
    expect(await client.repositoryIndex()).toEqual(all);
    expect(await client.repositoryIndex({ ready: true })).toEqual(all.slice(0, 1));
  });
});

describe('statistics', () => {
  it('are asked of all models, of one, or of one version', async () => {
    const requests: Partial<ModelStatisticsRequest>[] = [];
    const { client } = await clientAndFake({
      modelStatistics({ name, version }) {
        requests.push({ name, version });
        return { modelStats: [{ name: 'm', version: '1', inferenceCount: 7n }] };
      },
    });
    expect(await client.modelStatistics()).toMatchObject([{ name: 'm', version: '1', inferenceCount: 7n }]);
    await client.modelStatistics('m');
    await client.modelStatistics('m', { version: '1' });
    expect(requests).toEqual([
      { name: '', version: '' },
      { name: 'm', version: '' },
      { name: 'm', version: '1' },
    ]);
  });
});

describe('health', () => {
  it.each<[HealthCheckResponse_ServingStatus, string]>([
    [0, 'UNKNOWN'],
    [1, 'SERVING'],
    [2, 'NOT_SERVING'],
    [3, 'SERVICE_UNKNOWN'],
    [9 as HealthCheckResponse_ServingStatus, 'UNKNOWN'],
  ])('of status %i is %s', async (status, expected) => {
    const { client } = await clientAndFake({ check: ({ service }) => ({ status: service === 's' ? status : 0 }) });
    expect(await client.health('s')).toBe(expected);
  });
});

describe('shared memory of the system', () => {
  it('is registered, told and unregistered', async () => {
    const regions: Record<string, { name: string; key: string; offset: bigint; byteSize: bigint }> = {};
    const { client } = await clientAndFake({
      systemSharedMemoryRegister({ name, key, offset, byteSize }) {
        regions[name] = { name, key, offset, byteSize };
        return {};
      },
      systemSharedMemoryStatus: ({ name }) => ({ regions: name === '' ? regions : { [name]: regions[name]! } }),
      systemSharedMemoryUnregister({ name }) {
        for (const key of Object.keys(regions)) if (name === '' || name === key) delete regions[key];
        return {};
      },
    });
    const { systemSharedMemory } = client;
    await systemSharedMemory.register({ name: 'a', key: '/a', byteSize: 64 });
    await systemSharedMemory.register({ name: 'b', key: '/b', byteSize: 2 ** 33, offset: 16 });
    const b = { name: 'b', key: '/b', offset: 16n, byteSize: 2n ** 33n };
    expect(await systemSharedMemory.status()).toEqual([{ name: 'a', key: '/a', offset: 0n, byteSize: 64n }, b]);
    await systemSharedMemory.unregister('a');
    expect(await systemSharedMemory.status('b')).toEqual([b]);
    await systemSharedMemory.unregister();
    expect(await systemSharedMemory.status()).toEqual([]);
  });
});

describe('shared memory of CUDA', () => {
  it('is registered by its handle, told and unregistered', async () => {
    const seen: unknown[] = [];
    const { client } = await clientAndFake({
      cudaSharedMemoryRegister({ name, rawHandle, deviceId, byteSize }) {
        seen.push({ name, rawHandle, deviceId, byteSize });
        return {};
      },
      cudaSharedMemoryStatus: () => ({ regions: { g: { name: 'g', deviceId: 1n, byteSize: 64n } } }),
      cudaSharedMemoryUnregister({ name }) {
        seen.push(name);
        return {};
      },
    });
    const rawHandle = new Uint8Array(64).fill(7);
    await client.cudaSharedMemory.register({ name: 'g', rawHandle, deviceId: 1, byteSize: 64 });
    expect(await client.cudaSharedMemory.status()).toEqual([{ name: 'g', deviceId: 1n, byteSize: 64n }]);
    await client.cudaSharedMemory.unregister('g');
    expect(seen).toEqual([{ name: 'g', rawHandle, deviceId: 1n, byteSize: 64n }, 'g']);
  });
});

describe('settings', () => {
  it('of tracing are read and changed, of the server or a model; null clears', async () => {
    const requests: TraceSettingRequest[] = [];
    const { client } = await clientAndFake({
      traceSetting(request) {
        requests.push(request);
        return { settings: { trace_level: { value: ['TIMESTAMPS', 'TENSORS'] }, trace_rate: { value: ['9'] } } };
      },
    });
    const settings = { trace_level: ['TIMESTAMPS', 'TENSORS'], trace_rate: ['9'] };
    expect(await client.traceSettings()).toEqual(settings);
    const change = { trace_level: ['TIMESTAMPS', 'TENSORS'], trace_rate: '9', trace_count: null };
    expect(await client.updateTraceSettings(change, { model: 'm' })).toEqual(settings);
    expect(requests.map(({ modelName, settings }) => [modelName, settings])).toMatchObject([
      ['', {}],
      [
        'm',
        { trace_level: { value: ['TIMESTAMPS', 'TENSORS'] }, trace_rate: { value: ['9'] }, trace_count: { value: [] } },
      ],
    ]);
  });

  it('of logging are read and changed, each in its type', async () => {
    const requests: LogSettingsRequest[] = [];
    const { client } = await clientAndFake({
      logSettings(request) {
        requests.push(request);
        const values = Object.entries(request.settings).map(([name, { parameterChoice }]) => [
          name,
          { parameterChoice },
        ]);
        return { settings: Object.fromEntries(values) };
      },
    });
    const settings = { log_info: false, log_verbose_level: 2, log_format: 'ISO8601' };
    expect(await client.logSettings()).toEqual({});
    expect(await client.updateLogSettings(settings)).toEqual(settings);
    expect(requests[1]?.settings).toMatchObject({
      log_info: { parameterChoice: { case: 'boolParam' } },
      log_verbose_level: { parameterChoice: { case: 'uint32Param' } },
      log_format: { parameterChoice: { case: 'stringParam' } },
    });
  });
});
