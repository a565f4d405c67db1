import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeEach, expect, type RunnerTask, type RunnerTestSuite } from 'vitest';
import { z } from 'zod';
import { observedWire } from './observed-wire.ts';

const listSchema = z.array(
  z.strictObject({
    /** The test file that holds it: the contract's cases, or those that NVIDIA's Python clients ask. */
    suite: z.enum(['contract', 'tritonclient']),
    /** The case's name with its groups' names but the first, which is the server's, joined by ` > `. */
    case: z.string(),
    /** A case out of the record of a real server, which is there only where that record is. */
    observed: z.literal(true).optional(),
    /** What the embedded server does in its place, and why. */
    reason: z.string().min(20),
  }),
);

type KnownDifference = z.infer<typeof listSchema>[number];

const file = path.join(import.meta.dirname, 'known-differences.json');

/**
 * Where the embedded server answers otherwise than NVIDIA's. To be called at the top of a suite's test file: a case of the
 * list has to fail there, so an entry whose difference is gone has to go too, and so has one whose case is gone. The list may only shrink.
 */
export function holdKnownDifferences(suite: KnownDifference['suite']): void {
  const entries = listSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const present = entries.filter(entry => entry.suite === suite && !(entry.observed && observedWire === null));
  const listed = new Set(present.map(entry => entry.case));

  let testFile: RunnerTestSuite | undefined;
  beforeEach(({ task }) => {
    testFile = task.file;
    // Read by vitest after the case has run: what should fail and does not is reported.
    if (listed.has(caseName(task))) Object.assign(task, { fails: true });
  });

  afterAll(() => {
    const cases = new Set((testFile === undefined ? [] : testsOf(testFile)).map(caseName));
    const gone = [...listed].filter(name => !cases.has(name));
    expect(gone, `entries of ${path.basename(file)} that no case has the name of`).toEqual([]);
  });
}

function caseName({ fullTestName = '' }: RunnerTask): string {
  return fullTestName.split(' > ').slice(1).join(' > ');
}

function testsOf(suite: Readonly<RunnerTestSuite>): RunnerTask[] {
  return suite.tasks.flatMap(task => (task.type === 'suite' ? testsOf(task) : [task]));
}
