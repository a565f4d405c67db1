import type { Command } from 'commander';
import type { VerifyReply } from '../client/index.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { colourOf, percent } from './face-text.ts';
import { findPhotos } from './find-photos.ts';
import { numberOption } from './number-option.ts';
import { answer, type CliDeps, connect, type ServiceOptions, serviceCommand } from './service-command.ts';

type Asked = ServiceOptions & { readonly threshold?: number; readonly fmr?: number };

/** `verify`: whether two photos show the same person. Ends with 5 where it does not say so. */
export function createVerifyCommand(deps: CliDeps): Command {
  return serviceCommand('verify', 'say whether the largest faces of two photos are the same person', [
    'verify passport.jpg camera.jpg',
    'verify passport.jpg - < camera.jpg && echo the same',
  ])
    .argument('<a>', 'a photo, or - for standard input')
    .argument('<b>')
    .option('--threshold <cosine>', 'cosine from which on it is a match', numberOption)
    .option('--fmr <rate>', 'false-match rate whose measured threshold applies', numberOption)
    .action(async (a: string, b: string, asked: Asked) => {
      const [source, target, ...more] = await findPhotos([a, b], deps.input);
      if (source === undefined || target === undefined || more.length > 0) {
        throw new CliError('USAGE', 'verify: expected two photos, got a folder', exitCodes.usage);
      }
      const { threshold, fmr } = asked;
      const rule = { ...(threshold !== undefined && { threshold }), ...(fmr !== undefined && { fmr }) };
      const reply = await connect(deps, asked).verify(await source.read(), await target.read(), rule);
      answer(deps, 'verify', asked, {
        result: reply,
        text: () => toText(reply, deps),
        exitCode: reply.decision === 'match' ? exitCodes.done : exitCodes.no,
      });
    });
}

function toText({ decision, score, confidence, rule }: VerifyReply, { output }: CliDeps): string {
  const words = decision === 'match' ? 'the same person' : 'not known to be the same person';
  const measured = confidence === null ? '' : `, confidence ${percent(confidence)}`;
  return `${colourOf(decision, words, output)}  score ${score.toFixed(3)}, threshold ${rule.threshold.toFixed(3)}${measured}`;
}
