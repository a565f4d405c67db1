import { describe } from 'vitest';
import { detectorContract } from './detector-contract.ts';
import { missingWeights } from './install-for-test.ts';

const missing = missingWeights('yunet');

describe.skipIf(missing)(`yunet ${missing ?? ''}`, () => detectorContract('yunet'));
