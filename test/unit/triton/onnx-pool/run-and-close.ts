import type { InferJobInput } from '../../../../triton/onnx-pool/infer-job.ts';
import { createOnnxPool } from '../../../../triton/onnx-pool/onnx-pool.ts';

// A process of its own for the test beside it: keeps every thread busy, then ends as its second argument says.
// Without `close`, ending while a session runs aborts with exit code 134.
const [modelPath = '', how = ''] = process.argv.slice(2);
const inferJob = new URL('../../../../triton/onnx-pool/infer-job.ts', import.meta.url);
const dims = [32, 3, 96, 96];
const pool = createOnnxPool({ threads: 2, maxQueued: 256 });

function infer(): Promise<unknown> {
  const byteLength = 32 * 3 * 96 * 96;
  const feeds = [
    {
      name: 'INPUT__0',
      datatype: 'UINT8' as const,
      dims,
      parts: [{ buffer: new ArrayBuffer(byteLength), byteOffset: 0, byteLength }],
    },
  ];
  return pool.run<InferJobInput, unknown>(inferJob, { modelPath, feeds, outputs: ['OUTPUT__0'] });
}

async function end(): Promise<void> {
  await pool.close();
  if (how !== 'by itself') process.exit(0);
}

await Promise.all([infer(), infer()]);
// Most of these wait when the pool closes, and are rejected.
for (let index = 0; index < 200; index++) infer().catch(() => undefined);

if (how === 'on SIGTERM') {
  process.on('SIGTERM', () => void end());
  setInterval(() => {}, 1000);
  console.log('ready');
} else await end();
