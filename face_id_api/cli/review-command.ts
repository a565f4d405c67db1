import { Command } from 'commander';
import type { UnknownClusters } from '../client/index.ts';
import { type ConsentOptions, consentOf, withConsentOptions } from './consent-options.ts';
import { duplicatesText } from './duplicates-text.ts';
import { type IdType, idTypeOption, toId } from './identity-argument.ts';
import { integerOption, numberOption } from './number-option.ts';
import { answer, type CliDeps, connect, type ServiceOptions, serviceCommand } from './service-command.ts';
import { textTable } from './text-table.ts';
import { withExamples } from './with-examples.ts';

type Asked = ServiceOptions & { readonly threshold?: number };
type OfIds = ServiceOptions & { readonly type?: IdType };
type Enrolled = OfIds & ConsentOptions & { readonly name?: string; readonly templates?: number };

const thresholdOption = ['--threshold <cosine>', 'cosine in place of the configured rule', numberOption] as const;

/** `review`: who may be enrolled twice, and unknown faces that may be one person. */
export function createReviewCommand(deps: CliDeps): Command {
  const command = withExamples(
    new Command('review').description('list who may be enrolled twice, and groups of unknown faces; settle them'),
    ['review duplicates', 'review unknowns'],
  );

  command.addCommand(
    serviceCommand('duplicates', 'list pairs of identities that may be one person', ['review duplicates --json'])
      .option(...thresholdOption)
      .action(async (asked: Asked) => {
        const rule = asked.threshold === undefined ? {} : { threshold: asked.threshold };
        const pairs = await Array.fromAsync(connect(deps, asked).duplicates.list(rule));
        answer(deps, 'review duplicates', asked, { result: { pairs }, text: () => duplicatesText(pairs) });
      }),
  );

  for (const [name, what, said] of [
    ['dismiss', 'remember that two identities are two people', 'are two people'],
    ['restore', 'let two identities be listed again', 'may be one person'],
  ] as const) {
    command.addCommand(
      serviceCommand(name, what, [`review ${name} ann 2576`])
        .addOption(idTypeOption())
        .argument('<a>')
        .argument('<b>')
        .action(async (a: string, b: string, asked: OfIds) => {
          const result = await connect(deps, asked).duplicates[name](toId(a, asked.type), toId(b, asked.type));
          answer(deps, `review ${name}`, asked, { result, text: () => `${a} and ${b} ${said}.` });
        }),
    );
  }

  command.addCommand(
    serviceCommand('unknowns', 'list unknown faces that are kept, in groups', ['review unknowns --min-size 5'])
      .option('--min-size <n>', 'leave out smaller groups (default: 2)', integerOption)
      .option(...thresholdOption)
      .action(async (asked: Asked & { readonly minSize?: number }) => {
        const { threshold, minSize } = asked;
        const result = await connect(deps, asked).unknowns.clusters({
          ...(threshold !== undefined && { threshold }),
          ...(minSize !== undefined && { min_size: minSize }),
        });
        answer(deps, 'review unknowns', asked, { result, text: () => clustersText(result) });
      }),
  );

  command.addCommand(
    withConsentOptions(
      serviceCommand('enrol', 'enrol a group of unknown faces as one identity', [
        'review enrol 5f0c6a1d9b3e47a28c1d0e2f3a4b5c6d 2577 --name "Eve"',
      ])
        .addOption(idTypeOption())
        .argument('<group>', 'as `review unknowns` lists it')
        .argument('<id>')
        .option('--name <name>', 'what the person is called')
        .option('--templates <n>', 'enrol at most so many faces, those that differ most (default: 20)', integerOption),
    ).action(async (group: string, id: string, asked: Enrolled) => {
      const { name, templates, type } = asked;
      const consent = consentOf(asked, new Date());
      const person = {
        id: toId(id, type),
        ...(name !== undefined && { name }),
        ...(consent !== undefined && { consent }),
        ...(templates !== undefined && { templates }),
      };
      const result = await connect(deps, asked).unknowns.enrol(group, person);
      const text = (): string =>
        `${result.id}: ${result.enrolled} of ${result.faces} faces enrolled, ${result.templates} templates in all.`;
      answer(deps, 'review enrol', asked, { result, text });
    }),
  );
  return command;
}

function clustersText({ clusters, faces, keeping, days }: UnknownClusters): string {
  if (!keeping) return 'Unknown faces are not kept: unknowns.keep of config.yaml says so.';
  const rows = clusters.map(({ id, size, cohesion, first_seen, last_seen }) => [
    id,
    `${size}`,
    cohesion.toFixed(3),
    first_seen.slice(0, 16),
    last_seen.slice(0, 16),
  ]);
  const many = `${faces} unknown faces are kept, each for ${days} days.`;
  return rows.length === 0
    ? many
    : `${textTable(['group', 'faces', 'cohesion', 'first seen', 'last seen'], rows)}\n${many}`;
}
