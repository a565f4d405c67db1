import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import type { FaceIdClient, Identity, IdentityDetails, Receipt } from '../client/index.ts';
import type { Consent } from '../core/consent.ts';
import type { IdentityId } from '../core/identity-id.ts';
import { CliError } from './cli-error.ts';
import { type ConsentEnd, parseEnd, toConsent, toWithdrawn } from './consent-options.ts';
import { exitCodes } from './exit-codes.ts';
import { findPhotos } from './find-photos.ts';
import { type IdType, idTypeOption, toId } from './identity-argument.ts';
import { metadataOption } from './metadata-option.ts';
import { integerOption } from './number-option.ts';
import { parseTime } from './parse-time.ts';
import { printable } from './printable.ts';
import { answer, type CliDeps, connect, type ServiceOptions, serviceCommand } from './service-command.ts';
import { textList, textTable } from './text-table.ts';
import { withExamples } from './with-examples.ts';

type OfIds = ServiceOptions & { readonly type?: IdType };
type Listed = ServiceOptions & {
  readonly name?: string;
  readonly namePrefix?: string;
  readonly meta?: Readonly<Record<string, string>>;
  readonly limit?: number;
};

/** `identities`: who is enrolled, correcting it, and erasing. */
export function createIdentitiesCommand(deps: CliDeps): Command {
  const command = withExamples(
    new Command('identities').description('list, look up, correct and erase who is enrolled'),
    ['identities list', 'identities show 2576'],
  );

  command.addCommand(
    serviceCommand('list', 'list who is enrolled', ['identities list --name-prefix ann', 'identities list --json'])
      .option('--name <name>', 'the whole name; both cases are one')
      .option('--name-prefix <text>', 'what the name begins with')
      .option('--meta <key=value>', 'an entry of metadata; may be repeated', metadataOption)
      .option('--limit <n>', 'at most so many (default: all)', integerOption)
      .action(async (asked: Listed) => {
        const identities = await list(deps, asked);
        const many = `${identities.length} ${identities.length === 1 ? 'identity' : 'identities'}.`;
        answer(deps, 'identities list', asked, {
          result: { identities },
          text: () => (identities.length === 0 ? many : `${listing(identities)}\n${many}`),
        });
      }),
  );

  command.addCommand(
    ofIds('show', 'show one identity and its templates', ['identities show 2576'])
      .argument('<id>')
      .action(async (id: string, asked: OfIds) => {
        const found = await connect(deps, asked).identities.get(toId(id, asked.type));
        answer(deps, 'identities show', asked, { result: found, text: () => details(found) });
      }),
  );

  command.addCommand(
    ofIds('rename', 'change the name; an empty one takes it away', ['identities rename 2576 "Ann Lee"'])
      .argument('<id>')
      .argument('<name>')
      .action(async (id: string, name: string, asked: OfIds) => {
        const patch = { name: name === '' ? null : name };
        const changed = await connect(deps, asked).identities.update(toId(id, asked.type), patch);
        const text = (): string => `${changed.id}: ${printable(changed.name ?? 'has no name now')}`;
        answer(deps, 'identities rename', asked, { result: changed, text });
      }),
  );

  command.addCommand(
    ofIds('consent', 'write down what somebody has agreed to, or that it was withdrawn', [
      'identities consent ann "door of house 3" --expires 365d',
      'identities consent ann --withdraw',
    ])
      .argument('<id>')
      .argument('[purpose]', 'what for, in words')
      .option('--given <time>', 'when, 2026-11-30 or with a time (default: now)', parseTime)
      .option('--expires <time>', 'when it ends, or after how long (365d); default: when it is withdrawn', parseEnd)
      .option('--withdraw', 'it ends now: nobody is recognised as this person any more')
      .action(async (given: string, purpose: string | undefined, asked: OfIds & ConsentAsked) => {
        const { identities } = connect(deps, asked);
        const id = toId(given, asked.type);
        const consent = askedConsent(purpose, asked);
        const { identity, note = '' } =
          consent === null ? await withdraw(identities, id) : { identity: await identities.update(id, { consent }) };
        const text = (): string => `${identity.id}: ${consentText(identity.consent)}${note}`;
        answer(deps, 'identities consent', asked, { result: identity, text });
      }),
  );

  command.addCommand(
    ofIds('merge', 'give all templates of one identity to another; the first is no more', ['identities merge bob 2576'])
      .argument('<from>')
      .argument('<into>')
      .action(async (from: string, into: string, asked: OfIds) => {
        const { identities } = connect(deps, asked);
        const merged = await identities.merge(toId(from, asked.type), toId(into, asked.type));
        const text = (): string => `${merged.id}: ${merged.templates} templates now; ${from} is no more.`;
        answer(deps, 'identities merge', asked, { result: merged, text });
      }),
  );

  command.addCommand(
    ofIds('split', 'make templates of an identity those of a new one', [
      'identities split 2576 eve 0b6f8e0e-3a51-4a0e-9d7c-0d8f5a1c2b3d',
    ])
      .argument('<id>')
      .argument('<new-id>')
      .argument('<template...>', 'as `identities show` lists them')
      .action(async (id: string, newId: string, templates: string[], asked: OfIds) => {
        const split = { templates, newId: toId(newId, asked.type) };
        const { from, to } = await connect(deps, asked).identities.split(toId(id, asked.type), split);
        const text = (): string => `${from.id}: ${from.templates} templates; ${to.id}: ${to.templates} templates.`;
        answer(deps, 'identities split', asked, { result: { from, to }, text });
      }),
  );

  command.addCommand(
    ofIds('reject', 'say that the largest face of a photo is not this identity', ['identities reject 2576 twin.jpg'])
      .argument('<id>')
      .argument('<photo>', 'a file, or - for standard input')
      .action(async (id: string, photo: string, asked: OfIds) => {
        const [only, ...more] = await findPhotos([photo], deps.input);
        if (only === undefined || more.length > 0) {
          throw new CliError('USAGE', 'identities reject: expected one photo, got a folder', exitCodes.usage);
        }
        const { rejections } = connect(deps, asked);
        const added = await rejections.add(toId(id, asked.type), await only.read());
        const text = (): string => `Faces like this one are not taken for ${id} any more.`;
        answer(deps, 'identities reject', asked, { result: { added }, text });
      }),
  );

  command.addCommand(
    ofIds('delete', 'erase people, for good; asks before it does', ['identities delete bob 2576 --yes'])
      .argument('<id...>')
      .option('--yes', 'do not ask')
      .action(async (ids: string[], asked: OfIds & { readonly yes?: true }) => {
        const wanted = ids.map(id => toId(id, asked.type));
        if (!asked.yes) await confirm(deps, `Erase ${ids.join(', ')} for good? [y/N] `);
        const { identities } = connect(deps, asked);
        const receipts: Receipt[] = [];
        for (const id of wanted) receipts.push(await identities.delete(id));
        const count = receipts.reduce((sum, { deleted }) => sum + deleted.templates, 0);
        const text = (): string => `Erased ${receipts.length} identities with ${count} templates.`;
        answer(deps, 'identities delete', asked, { result: { receipts }, text });
      }),
  );
  return command;
}

function ofIds(name: string, description: string, examples: readonly string[]): Command {
  return serviceCommand(name, description, examples).addOption(idTypeOption());
}

async function list(deps: CliDeps, asked: Listed): Promise<Identity[]> {
  const { name, namePrefix, meta = {}, limit = Number.POSITIVE_INFINITY } = asked;
  const found: Identity[] = [];
  if (limit === 0) return found;
  const entries = Object.fromEntries(Object.entries(meta).map(([key, value]) => [`metadata.${key}`, value]));
  const query = {
    ...entries,
    limit: Math.min(limit, 1000),
    ...(name !== undefined && { name }),
    ...(namePrefix !== undefined && { name_prefix: namePrefix }),
  };
  for await (const identity of connect(deps, asked).identities.list(query)) {
    found.push(identity);
    if (found.length === limit) break;
  }
  return found;
}

function listing(identities: readonly Identity[]): string {
  const rows = identities.map(({ id, name, templates, updated, metadata }) => [
    `${id}`,
    printable(name ?? ''),
    `${templates}`,
    updated.slice(0, 10),
    metadataText(metadata),
  ]);
  return textTable(['id', 'name', 'templates', 'updated', 'metadata'], rows);
}

function details({ template_list: templates, ...identity }: IdentityDetails): string {
  const { id, name, metadata, consent, created, updated, seen } = identity;
  const fields = textList({
    id: `${id} (${typeof id === 'number' ? 'integer' : 'string'})`,
    name: printable(name ?? ''),
    metadata: metadataText(metadata),
    consent: consentText(consent),
    created,
    updated,
    ...(seen !== null && { seen }),
  });
  const rows = templates.map(template => [template.id, template.detector, template.created]);
  return `${fields}\n${textTable(['template', 'detector', 'added'], rows)}`;
}

type ConsentAsked = { readonly given?: Date; readonly expires?: ConsentEnd; readonly withdraw?: true };

/** Null for a withdrawal. @throws CliError USAGE where neither a consent nor the end of one is asked for, or both are */
function askedConsent(purpose: string | undefined, { given, expires, withdraw }: ConsentAsked): Consent | null {
  if (withdraw === undefined && purpose !== undefined) return toConsent(purpose, given ?? new Date(), expires ?? null);
  if (withdraw === undefined || purpose !== undefined) {
    throw new CliError('USAGE', 'consent: expected a purpose, or --withdraw', exitCodes.usage);
  }
  return null;
}

/** @throws CliError NO_CONSENT */
async function withdraw(
  identities: FaceIdClient['identities'],
  id: IdentityId,
): Promise<{ readonly identity: Identity; readonly note?: string }> {
  const { template_list: _, ...found } = await identities.get(id);
  if (found.consent === null)
    throw new CliError('NO_CONSENT', 'There is no consent that could be withdrawn', exitCodes.notFound);
  const now = new Date();
  const consent = toWithdrawn(found.consent, now);
  if (consent === null) return { identity: found, note: '; it had ended before, and is left as it was' };
  const identity = await identities.update(id, { consent });
  return Date.parse(consent.given) > now.getTime() ? { identity, note: '; it never holds' } : { identity };
}

function consentText(consent: Identity['consent']): string {
  if (consent === null) return 'no consent';
  const { purpose, given, expires } = consent;
  const end = expires === null ? '' : ` until ${expires}${Date.parse(expires) <= Date.now() ? ' (expired)' : ''}`;
  return `${printable(purpose)}, given ${given}${end}`;
}

function metadataText(metadata: Identity['metadata']): string {
  return Object.entries(metadata)
    .map(([key, value]) => `${key}=${printable(`${value}`)}`)
    .join(' ');
}

/** @throws CliError unless somebody says yes */
async function confirm({ input, errors }: CliDeps, question: string): Promise<void> {
  if (!input.isTTY) {
    throw new CliError('USAGE', 'This erases for good: without a terminal it wants --yes', exitCodes.usage);
  }
  const terminal = createInterface({ input, output: errors });
  const said = await terminal.question(question).finally(() => terminal.close());
  if (!/^y(es)?$/i.test(said.trim())) throw new CliError('NOT_CONFIRMED', 'Nothing was erased', exitCodes.failed);
}
