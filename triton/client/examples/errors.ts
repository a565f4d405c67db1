import { createTritonClient, TritonError, tensor } from 'triton-inference-client';

const client = createTritonClient({ address: process.argv[2] ?? '127.0.0.1:8001', deadlineMs: 5_000, retries: 2 });

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'OK';
  } catch (error) {
    if (!(error instanceof TritonError)) throw error;
    return `${error.code}, request ${error.requestId}: ${error.message}`;
  }
}

const inputs = ['A', 'B'].map(name => tensor(name, 'FP32', [1, 4], [1, 2, 3, 4]));

// Found before it is sent: the model takes rows of 4.
const long = tensor('A', 'FP32', [1, 5], [1, 2, 3, 4, 5]);
console.log(await codeOf(client.infer({ model: 'add', id: 'r-1', inputs: [long] })));

// Said by the server, in its words.
console.log(await codeOf(client.infer({ model: 'nope', id: 'r-2', inputs })));

// A signal, like a deadline, cancels the request on the server too.
const signal = AbortSignal.abort();
console.log(await codeOf(client.infer({ model: 'add', id: 'r-3', inputs }, { signal, deadlineMs: 1_000 })));

await client.close();
