import { createTritonClient, tensor, valuesOf } from 'triton-inference-client';

const client = createTritonClient({ address: process.argv[2] ?? '127.0.0.1:8001' });

// A batch of two rows for a model that adds A and B, FP32 [4] each.
const { version, outputs } = await client.infer({
  model: 'add',
  inputs: [
    tensor('A', 'FP32', [2, 4], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
    tensor('B', 'FP32', [2, 4], [10, 20, 30, 40, 50, 60, 70, 80]),
  ],
});

const sum = outputs.get('SUM');
console.log(`version ${version} answered [${sum?.shape}]: ${valuesOf(sum, 'FP32').join(' ')}`);

await client.close();
