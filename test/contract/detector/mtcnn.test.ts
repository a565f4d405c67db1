import { describe } from 'vitest';
import { detectorContract } from './detector-contract.ts';
import { missingWeights } from './install-for-test.ts';

const missing = missingWeights('mtcnn');

describe.skipIf(missing)(`mtcnn ${missing ?? ''}`, () => detectorContract('mtcnn'));
