import { describe, inject, it } from 'vitest';
import { describeContracts } from '../../contract/triton/contracts.ts';
import { openRealTriton } from './open-real-triton.ts';

const real = inject('realTriton');

if ('missing' in real) {
  describe('the real NVIDIA Triton', () => {
    it.skip(`skipped: ${real.missing}`);
  });
} else {
  describeContracts('the real NVIDIA Triton', openRealTriton(real.run));
}
