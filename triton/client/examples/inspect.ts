import { createTritonClient } from 'triton-inference-client';

const client = createTritonClient({ address: process.argv[2] ?? '127.0.0.1:8001' });

const { name, version } = await client.serverMetadata();
console.log(`${name} ${version} is ${await client.health()}`);

for (const { name, version, state, reason } of await client.repositoryIndex()) {
  console.log(`${name} ${version}: ${state} ${reason}`);
}

const { inputs, outputs } = await client.modelMetadata('add');
for (const { name, datatype, shape } of [...inputs, ...outputs]) console.log(`${name}: ${datatype} [${shape}]`);

const { maxBatchSize } = await client.modelConfig('add');
const [statistics] = await client.modelStatistics('add');
console.log(`batches of up to ${maxBatchSize}, ${statistics?.inferenceCount} inferences so far`);

await client.close();
