import { describeClient } from './client-contract.ts';
import { describeClientControl } from './client-control-contract.ts';
import { describeDeliberateDifferences } from './deliberate-differences-contract.ts';
import { describeHttp } from './http-contract.ts';
import { describeLargeRequests } from './large-requests-contract.ts';
import { describeModelControl } from './model-control-contract.ts';
import { describeObservedWire } from './observed-wire-contract.ts';
import type { OpenTriton } from './open-triton.ts';
import { describeRpcs } from './rpc-contract.ts';
import { describeScheduling } from './scheduling-contract.ts';
import { describeTriton } from './triton-contract.ts';

const contracts: readonly ((server: string, open: OpenTriton) => void)[] = [
  describeTriton,
  describeRpcs,
  describeModelControl,
  describeScheduling,
  describeHttp,
  describeObservedWire,
  describeClient,
  describeClientControl,
  describeDeliberateDifferences,
  (server, open) => describeLargeRequests(server, open, 64),
];

/**
 * Everything that the embedded server and NVIDIA's have in common. Both run all of it; where the embedded server differs,
 * `known-differences.json` says so.
 */
export function describeContracts(server: string, open: OpenTriton): void {
  for (const describeContract of contracts) describeContract(server, open);
}
