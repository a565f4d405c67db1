import { Argument, type Command } from 'commander';
import type { GateMode } from '../core/gate-mode.ts';
import { describeBulk, enrolAll, givenConsent } from '../gallery/enrol-all.ts';
import { createEnrolClient } from '../gallery/enrol-client.ts';
import { gateOption } from '../gallery/gate-option.ts';
import { listFolder } from '../gallery/list-folder.ts';
import { CliError } from './cli-error.ts';
import { type ConsentOptions, consentOf, withConsentOptions } from './consent-options.ts';
import { exitCodes } from './exit-codes.ts';
import { findPhotos } from './find-photos.ts';
import { type IdType, idTypeOption, toId } from './identity-argument.ts';
import { metadataOption } from './metadata-option.ts';
import { answer, type CliDeps, connect, type ServiceOptions, serviceCommand } from './service-command.ts';

type Asked = ServiceOptions &
  ConsentOptions & {
    readonly type?: IdType;
    readonly name?: string;
    readonly meta?: Readonly<Record<string, string>>;
    readonly replace?: true;
    readonly single?: true;
    readonly folder?: string;
    readonly gate?: GateMode;
    readonly report: string;
    readonly warnings: string;
  };

/** `enrol`: teaches the service a person, or a folder of them. */
export function createEnrolCommand(deps: CliDeps): Command {
  const command = serviceCommand('enrol', 'enrol a person from the largest face of each photo, or a folder of people', [
    'enrol 2576 ann-1.jpg ann-2.jpg --name "Ann Lee"',
    'enrol bob - < bob.jpg',
    'enrol ann ann.jpg --consent "door of house 3" --consent-expires 365d',
    'enrol --folder people/',
  ])
    .addArgument(new Argument('[id]', 'digits, or 1 to 128 characters of [A-Za-z0-9._:-]'))
    .argument('[photo...]', 'files, folders, or - for standard input')
    .addOption(idTypeOption())
    .option('--name <name>', "the person's name")
    .option('--meta <key=value>', 'an entry of metadata; may be repeated', metadataOption);
  return withConsentOptions(command)
    .option('--replace', 'in place of the photos that the person has (default: besides them)')
    .option('--single', 'refuse photos with several faces')
    .addOption(gateOption())
    .option('--folder <dir>', 'a folder with a folder per person, <id>/*; the same again goes on where it stopped')
    .option('--report <file>', 'with --folder: where refused photos are listed', 'refused.csv')
    .option(
      '--warnings <file>',
      'with --folder: where photos are listed that were enrolled with a warning',
      'warnings.csv',
    )
    .action(async (id: string | undefined, photos: string[], asked: Asked) => {
      if (asked.folder !== undefined) {
        if (id !== undefined) throw usage('enrol: expected an id with photos or --folder, got both');
        return enrolFolder(deps, asked.folder, asked);
      }
      if (id === undefined || photos.length === 0) throw usage('enrol: expected an id and photos, or --folder');
      await enrolPerson(deps, id, photos, asked);
    });
}

async function enrolPerson(deps: CliDeps, given: string, named: readonly string[], asked: Asked): Promise<void> {
  const { name, meta, replace, single, gate, type } = asked;
  const id = toId(given, type);
  const photos = await findPhotos(named, deps.input);
  const images = await Promise.all(photos.map(photo => photo.read()));
  const consent = consentOf(asked, new Date());
  const fields = { ...(name !== undefined && { name }), ...(meta && { metadata: meta }), ...(consent && { consent }) };
  const person = { id, images, ...fields };
  const reply = await connect(deps, asked).enrol(person, {
    mode: replace ? 'replace' : 'append',
    faces: single ? 'single' : 'largest',
    ...(gate && { gate }),
  });
  const atPhoto = <T extends { readonly index: number }>({ index, ...why }: T) => ({
    photo: photos[index]?.name ?? '',
    ...why,
  });
  const refused = reply.refused.map(atPhoto);
  const warnings = reply.warnings.map(atPhoto);
  answer(deps, 'enrol', asked, {
    result: { id, enrolled: reply.enrolled, templates: reply.templates, refused, warnings },
    text: () =>
      [
        `${id}: ${reply.enrolled} of ${photos.length} photos enrolled, ${reply.templates} templates in all.`,
        ...refused.map(({ photo, code, reason }) => `${photo}: ${code}: ${reason}`),
        ...warnings.map(({ photo, code, reason }) => `${photo}: enrolled, but ${code}: ${reason}`),
      ].join('\n'),
    exitCode: refused.length === 0 ? exitCodes.done : exitCodes.failed,
  });
}

async function enrolFolder(deps: CliDeps, folder: string, asked: Asked): Promise<void> {
  const people = givenConsent(await listFolder(folder, asked.type), consentOf(asked, new Date()));
  const client = createEnrolClient(connect(deps, asked), asked);
  const { progress, concurrency, signal } = deps;
  const { report, warnings } = asked;
  const bulk = await enrolAll(people, { client, progress, concurrency, signal, report, warnings });
  answer(deps, 'enrol', asked, {
    result: { people: people.length, ...bulk },
    text: () => describeBulk(bulk, people.length, asked).join('\n'),
    exitCode: bulk.refused.length === 0 ? exitCodes.done : exitCodes.failed,
  });
}

function usage(message: string): CliError {
  return new CliError('USAGE', message, exitCodes.usage);
}
