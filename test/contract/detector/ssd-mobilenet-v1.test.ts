import { describe } from 'vitest';
import { detectorContract } from './detector-contract.ts';

describe('ssd_mobilenetv1', () => detectorContract('ssd_mobilenetv1'));
