import type { Command } from 'commander';

/** Lines that can be typed as they stand, below a command's help. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  const lines = examples.map(example => `  face-id ${example}`);
  return command.addHelpText('after', `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.join('\n')}`);
}
