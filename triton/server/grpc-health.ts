import { type handleServerStreamingCall, status } from '@grpc/grpc-js';
import { Health, HealthCheckResponse_ServingStatus as ServingStatus } from '../../proto/gen/health_pb.ts';
import { grpcService } from '../grpc-definition.ts';
import type { GrpcService } from './grpc-service.ts';
import type { Unary } from './grpc-unary.ts';
import type { InferenceCore } from './inference-core.ts';

/**
 * grpc.health.v1 as a real Triton speaks it: Check answers for any service name whether the server is ready, and there is no
 * Watch.
 */
export function createHealthService(core: InferenceCore, unary: Unary): GrpcService {
  const watch: handleServerStreamingCall<unknown, unknown> = call =>
    call.emit('error', {
      code: status.UNIMPLEMENTED,
      details: 'Watch is not implemented, as in NVIDIA Triton: ask Check',
    });
  return {
    definition: grpcService(Health),
    handlers: {
      ...unary(Health.method.check, () => ({
        status: core.serverReady() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING,
      })),
      [Health.method.watch.name]: watch,
    },
  };
}
