import { createTritonClient, tensor, valuesOf } from 'triton-inference-client';

const client = createTritonClient({ address: process.argv[2] ?? '127.0.0.1:8001' });
const stream = client.openStream({ maxInFlight: 16 });

const requestOf = (value: number) => ({
  model: 'add',
  inputs: ['A', 'B'].map(name => tensor(name, 'FP32', [1, 4], new Float32Array(4).fill(value))),
});

// Many requests over one stream; each promise is that of its own answer.
const results = await Promise.all([1, 2, 3].map(value => stream.infer(requestOf(value))));
for (const { id, outputs } of results) console.log(`request ${id}: ${valuesOf(outputs.get('SUM'), 'FP32')}`);

// A decoupled model answers a request as often as it likes; this one answers once.
for await (const { outputs } of stream.responses(requestOf(4))) {
  console.log(`an answer: ${valuesOf(outputs.get('SUM'), 'FP32')}`);
}

await stream.close();
await client.close();
