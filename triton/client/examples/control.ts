import { createTritonClient } from 'triton-inference-client';

// For a server that was started with --model-control-mode=explicit.
const client = createTritonClient({ address: process.argv[2] ?? '127.0.0.1:8001' });

// Loading may take long: give it time of its own.
await client.loadModel('add', { deadlineMs: 120_000 });
console.log(`loaded, ready: ${await client.modelReady('add')}`);

await client.unloadModel('add');
console.log(`unloaded, ready: ${await client.modelReady('add')}`);

await client.close();
