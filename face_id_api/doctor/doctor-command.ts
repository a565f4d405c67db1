import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { type ExitCode, exitCodes } from '../cli/exit-codes.ts';
import { withExamples } from '../cli/with-examples.ts';
import { toJson } from '../cli/write-answer.ts';
import type { Finding } from './finding.ts';
import { type DoctorDeps, runChecks } from './run-checks.ts';

export type DoctorCommandDeps = DoctorDeps & {
  readonly output: Writable;
  readonly setExitCode: (code: ExitCode) => void;
};

const marks = { ok: ['✓', 'green'], warning: ['!', 'yellow'], fault: ['✗', 'red'] } as const;

/** `doctor`: what is wrong with this installation, and what to do. Ends with 1 where something does not work. */
export function createDoctorCommand(deps: DoctorCommandDeps): Command {
  return withExamples(
    new Command('doctor')
      .description('look at this installation: what is wrong with it, and what to do. It changes nothing')
      .option('--json', 'one JSON document (docs/cli.md)'),
    ['doctor', 'doctor --json | jq \'.result.findings[] | select(.state != "ok")\''],
  ).action(async ({ json }: { json?: true }) => {
    const findings = await runChecks(deps);
    const count = (state: Finding['state']): number => findings.filter(finding => finding.state === state).length;
    const [faults, warnings] = [count('fault'), count('warning')];
    const exitCode = faults > 0 ? exitCodes.failed : exitCodes.done;
    const text = [...findings.map(finding => toLine(finding, deps.output)), '', sum(faults, warnings), ''].join('\n');
    deps.output.write(json ? toJson('doctor', exitCode, { faults, warnings, findings }) : text);
    deps.setExitCode(exitCode);
  });
}

function toLine(finding: Finding, stream: Writable): string {
  const [mark, colour] = marks[finding.state];
  const [first = '', ...more] = finding.message.split('\n');
  const lines = [`${styleText(colour, mark, { stream })} ${finding.check}: ${first}`, ...more.map(line => `  ${line}`)];
  if (finding.state !== 'ok') lines.push(`  → ${finding.remedy}`);
  return lines.join('\n');
}

function sum(faults: number, warnings: number): string {
  if (faults + warnings === 0) return 'All is well.';
  const told = [faults > 0 && `${faults} wrong`, warnings > 0 && `${warnings} to know`].filter(part => part !== false);
  return `${told.join(', ')}.`;
}
