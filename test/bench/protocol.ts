// npm run bench -- wire [--quick]: measures the Triton protocol alone and writes docs/benchmarks-triton.md.
import { measureClientCost } from './client-cost.ts';
import { publish, quick } from './publish.ts';
import { measureWire } from './wire.ts';
import { writeWireReport } from './wire-report.ts';

const measurement = await measureWire(quick, line => process.stdout.write(`${line}\n`));
const clientCosts = await measureClientCost();
await publish('docs/benchmarks-triton.md', date => writeWireReport(measurement, clientCosts, date));
