import { describeLargeRequests } from './large-requests-contract.ts';
import { describeModelControl } from './model-control-contract.ts';
import { describeObservedWire } from './observed-wire-contract.ts';
import type { OpenTriton } from './open-triton.ts';
import { describeRpcs } from './rpc-contract.ts';
import { describeTriton } from './triton-contract.ts';

/**
 * Everything that the embedded server and NVIDIA's have in common. Both run all of it; where the embedded server differs,
 * `known-differences.json` says so.
 */
export function describeContracts(server: string, open: OpenTriton): void {
  for (const describeContract of [describeTriton, describeRpcs, describeModelControl, describeObservedWire])
    describeContract(server, open);
  describeLargeRequests(server, open, 64);
}
