import { describe, expect, it } from 'vitest';
import { grpcTimeoutMs } from '../../../../triton/server/grpc-timeout.ts';

describe("gRPC's timeout", () => {
  it.each([
    ['60S', 60_000],
    ['1500m', 1500],
    ['2M', 120_000],
    ['1H', 3_600_000],
    ['250u', 0.25],
    ['1000n', 0.001],
    ['0m', 0],
    [undefined, Number.POSITIVE_INFINITY],
    // Longer than a timer of Node's.
    ['99999999H', Number.POSITIVE_INFINITY],
  ])('%s is %d ms', (header, ms) => expect(grpcTimeoutMs(header)).toBeCloseTo(ms, 6));

  it.each(['', '5', 'S', '-1S', '1.5S', '123456789S', '1s', ' 1S'])('"%s" is none', header =>
    expect(grpcTimeoutMs(header)).toBeUndefined(),
  );
});
