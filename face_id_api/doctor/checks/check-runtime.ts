import { type Finding, fault, ok, reasonOf, warning } from '../finding.ts';

export type Runtime = {
  /** As `process.versions.node` has it. */
  readonly nodeVersion: string;
  readonly platform: string;
  /** Whether glibc's settings for its memory were made by somebody. */
  readonly hasMemorySettings: boolean;
  /** Whether this Node can begin again under the same process id. */
  readonly canRestart: boolean;
  /** Bytes that this process may take: the machine's, or a container's. */
  readonly memoryBytes: number;
  readonly load: (name: string) => Promise<unknown>;
};

const oldestNode = 24;
const nativeModules = [
  ['sharp', 'reads and draws photos'],
  ['onnxruntime-node', 'runs the models'],
  ['usearch', 'finds templates in large galleries'],
  ['koffi', 'asks Linux for large pages of memory, for the same'],
] as const;
const leastMemory = 1024 ** 3;

/** Node, the modules that are not JavaScript, and memory. Needs no configuration. */
export async function checkRuntime(runtime: Runtime): Promise<Finding[]> {
  return [
    checkNode(runtime),
    ...(await Promise.all(nativeModules.map(module => loads(module, runtime)))),
    ...memory(runtime),
  ];
}

function checkNode({ nodeVersion }: Runtime): Finding {
  const isNew = Number(nodeVersion.split('.')[0]) >= oldestNode;
  if (isNew) return ok('node', `Node ${nodeVersion}`);
  return fault(
    'node',
    `Node ${nodeVersion}: expected ${oldestNode} or newer`,
    'Install Node 24 from nodejs.org, or `npm install node@24`.',
  );
}

async function loads([name, purpose]: readonly [string, string], { load }: Runtime): Promise<Finding> {
  try {
    await load(name);
    return ok(name, `loads (${purpose})`);
  } catch (error) {
    const reason = reasonOf(error).split('\n')[0];
    const remedy = `Install again on this machine: \`npm ci\`. Its binary is for one system, processor and C library; Alpine needs glibc.`;
    return fault(name, `does not load: ${reason}`, remedy);
  }
}

function memory({ platform, hasMemorySettings, canRestart, memoryBytes }: Runtime): Finding[] {
  const gib = (memoryBytes / 1024 ** 3).toFixed(1);
  const size =
    memoryBytes >= leastMemory
      ? ok('memory', `${gib} GiB`)
      : warning('memory', `${gib} GiB: large photos need more`, 'Give it 1 GiB, or set detector.max_side to 1280.');
  if (platform !== 'linux') return [size];
  const settings =
    hasMemorySettings || canRestart
      ? ok('memory settings', hasMemorySettings ? 'made by the environment' : 'made by `face-id serve` at its start')
      : warning(
          'memory settings',
          'This Node cannot begin again with them, so the service keeps memory that it no longer needs',
          'Start it with MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=8000000 MALLOC_TRIM_THRESHOLD_=8000000.',
        );
  return [size, settings];
}
