import { once } from 'node:events';
import { create } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '../../../../proto/gen/health_pb.ts';
import { grpcMethod } from '../../../../triton/grpc-definition.ts';
import { openRawWire, type RawWire } from '../../../contract/triton/raw-wire.ts';
import { type ServedCore, serveCore } from './serve-core.ts';

describe("gRPC's health check", () => {
  let isReady = true;
  let served: ServedCore;
  let wire: RawWire;

  beforeAll(async () => {
    served = await serveCore({ serverReady: () => isReady });
    wire = openRawWire(served.address);
  });
  afterAll(() => {
    wire.close();
    served.close();
  });

  it("says whether the server is ready, whatever service's health is asked", async () => {
    for (const service of ['', 'zzz']) {
      isReady = true;
      expect((await wire.call(Health.method.check, { service })).status).toBe(ServingStatus.SERVING);
      isReady = false;
      expect((await wire.call(Health.method.check, { service })).status).toBe(ServingStatus.NOT_SERVING);
    }
  });

  it('has no Watch, as a real Triton has none: clients then take the server for healthy', async () => {
    const client = new Client(served.address, credentials.createInsecure());
    const { path, requestSerialize, responseDeserialize } = grpcMethod(Health.method.watch);
    const message = create(HealthCheckRequestSchema);
    const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, message);
    call.resume();
    const [error] = await once(call, 'error');
    expect(error).toMatchObject({ code: 12 });
    client.close();
  });
});
