// npm run bench -- client: prints what the Triton client costs and writes nothing; `wire` writes it down.
import { clientCostTable, measureClientCost } from './client-cost.ts';

process.stdout.write(`${clientCostTable(await measureClientCost()).join('\n')}\n`);
