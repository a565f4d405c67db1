import { describeContracts } from './contracts.ts';
import { holdKnownDifferences } from './known-differences.ts';
import { openEmbedded } from './open-embedded-triton.ts';

holdKnownDifferences('contract');
describeContracts('the embedded Triton', openEmbedded);
