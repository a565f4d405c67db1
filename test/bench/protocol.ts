// npm run bench -- wire [--quick]: measures the Triton protocol alone and writes docs/benchmarks-triton.md.
import { publish, quick } from './publish.ts';
import { measureWire } from './wire.ts';
import { writeWireReport } from './wire-report.ts';

const measurement = await measureWire(quick, line => process.stdout.write(`${line}\n`));
await publish('docs/benchmarks-triton.md', date => writeWireReport(measurement, date));
