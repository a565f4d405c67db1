import { afterAll, beforeAll, describe } from 'vitest';
import { describeClassification } from './classification-contract.ts';
import { describeDatatypes } from './datatypes-contract.ts';
import type { OpenTriton } from './open-triton.ts';
import { openRawWire, type RawWire } from './raw-wire.ts';
import { rpcModels } from './rpc-models.ts';
import { describeSettings } from './settings-contract.ts';
import { describeStatistics } from './statistics-contract.ts';
import { describeStreaming } from './streaming-contract.ts';

/** What any Triton answers over gRPC beyond `triton-contract.ts`, over the models of `rpc-models.ts`. */
export function describeRpcs(name: string, open: OpenTriton): void {
  describe(`${name}, asked`, () => {
    let server: Awaited<ReturnType<OpenTriton>>;
    let wire: RawWire;

    beforeAll(async () => {
      server = await open({ models: rpcModels });
      wire = openRawWire(server.address);
    });

    afterAll(async () => {
      wire?.close();
      await server?.close();
    });

    describeDatatypes(() => wire);
    describeStreaming(() => wire);
    describeStatistics(() => wire);
    describeSettings(() => wire);
    describeClassification(() => wire);
  });
}
