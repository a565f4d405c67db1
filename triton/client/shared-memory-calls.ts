import { GRPCInferenceService } from '../../proto/gen/grpc_service_pb.ts';
import type { Rpc } from './rpc.ts';
import type { TritonClient } from './triton-client.ts';

const { method } = GRPCInferenceService;

export function createSharedMemoryCalls(rpc: Rpc): Pick<TritonClient, 'systemSharedMemory' | 'cudaSharedMemory'> {
  return {
    systemSharedMemory: {
      async status(name = '', options) {
        const { regions } = await rpc(method.systemSharedMemoryStatus, { name }, options);
        return Object.values(regions).map(({ name, key, offset, byteSize }) => ({ name, key, offset, byteSize }));
      },
      async register({ name, key, byteSize, offset = 0 }, options) {
        const region = { name, key, offset: BigInt(offset), byteSize: BigInt(byteSize) };
        await rpc(method.systemSharedMemoryRegister, region, options);
      },
      async unregister(name = '', options) {
        await rpc(method.systemSharedMemoryUnregister, { name }, options);
      },
    },
    cudaSharedMemory: {
      async status(name = '', options) {
        const { regions } = await rpc(method.cudaSharedMemoryStatus, { name }, options);
        return Object.values(regions).map(({ name, deviceId, byteSize }) => ({ name, deviceId, byteSize }));
      },
      async register({ name, rawHandle, deviceId, byteSize }, options) {
        const region = { name, rawHandle, deviceId: BigInt(deviceId), byteSize: BigInt(byteSize) };
        await rpc(method.cudaSharedMemoryRegister, region, options);
      },
      async unregister(name = '', options) {
        await rpc(method.cudaSharedMemoryUnregister, { name }, options);
      },
    },
  };
}
