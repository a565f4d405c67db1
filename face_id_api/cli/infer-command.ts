import type { Command } from 'commander';
import { type FaceIdClient, FaceIdError, type InferReply } from '../client/index.ts';
import { mapConcurrently } from '../core/map-concurrently.ts';
import { CliError } from './cli-error.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { answerOf, colourOf, percent } from './face-text.ts';
import { findPhotos, type NamedPhoto } from './find-photos.ts';
import { integerOption, numberOption } from './number-option.ts';
import { answer, type CliDeps, connect, type ServiceOptions, serviceCommand } from './service-command.ts';
import { textTable } from './text-table.ts';
import { type JsonError, toJsonError } from './write-answer.ts';

type Asked = ServiceOptions & {
  readonly draw?: string;
  readonly topK?: number;
  readonly by?: 'template' | 'person';
  readonly threshold?: number;
  readonly fmr?: number;
  readonly minFaceSize?: number;
};

/** What came of one photo. */
export type AskedPhoto = { readonly photo: string } & (InferReply | { readonly error: JsonError });

/** `infer`: who is in photos. */
export function createInferCommand(deps: CliDeps): Command {
  return serviceCommand('infer', 'say who is in photos: every face, with its id or that it is nobody known', [
    'infer group.jpg',
    'infer holiday/ --draw drawn/',
    "infer --json - < group.jpg | jq '.result.photos[0].faces[].id'",
  ])
    .argument('<photo...>', 'files, folders, or - for standard input')
    .option('--draw <out>', 'draw boxes and ids: a .jpg for one photo, or a folder')
    .option('--top-k <n>', 'add the nearest identities of each face', integerOption)
    .option('--by <what>', 'compare with each template or with one vector per person: template, person')
    .option('--threshold <cosine>', 'cosine from which on it is a match', numberOption)
    .option('--fmr <rate>', 'false-match rate whose measured threshold applies', numberOption)
    .option('--min-face-size <pixels>', 'smallest face that is looked for', integerOption)
    .action(async (named: string[], asked: Asked) => {
      const photos = await findPhotos(named, deps.input);
      const draw = asked.draw === undefined ? null : await preparedDrawing(asked.draw, photos.length);
      const bar = deps.progress('photos');
      if (photos.length > 1) bar.start(photos.length);
      const client = connect(deps, asked);
      const { concurrency: limit, signal } = deps;
      const results = await mapConcurrently(photos, { limit, signal }, async (photo, _, signal) => {
        const result = await askAbout(photo, client, asked, signal, draw);
        if (photos.length > 1) bar.step();
        return result;
      }).finally(() => photos.length > 1 && bar.done());
      answer(deps, 'infer', asked, {
        result: { photos: results.map(({ asked }) => asked) },
        text: () =>
          toText(
            results.map(({ asked }) => asked),
            deps,
          ),
        exitCode: exitCodeOfAll(results),
      });
    });
}

type Drawing = (photo: string, bytes: Buffer, faces: InferReply['faces']) => Promise<void>;
type Outcome = { readonly asked: AskedPhoto; readonly error: unknown };

/** A photo that cannot be used leaves the others alone; a service that does not answer ends it all. */
async function askAbout(
  { name, read }: NamedPhoto,
  client: FaceIdClient,
  { topK, by, threshold, fmr, minFaceSize }: Asked,
  signal: AbortSignal,
  draw: Drawing | null,
): Promise<Outcome> {
  try {
    const bytes = await read();
    if (bytes.length === 0) throw new CliError('UNREADABLE', 'The file is empty', exitCodes.failed);
    const query = {
      ...(topK !== undefined && { top_k: topK }),
      ...(by !== undefined && { by }),
      ...(threshold !== undefined && { threshold }),
      ...(fmr !== undefined && { fmr }),
      ...(minFaceSize !== undefined && { min_face_size: minFaceSize }),
    };
    const reply = await client.infer(bytes, query, { signal });
    await draw?.(name, bytes, reply.faces);
    return { asked: { photo: name, ...reply }, error: null };
  } catch (error) {
    const isPhotos = error instanceof FaceIdError && [413, 415, 422].includes(error.status ?? 0);
    if (!isPhotos && !(error instanceof CliError)) throw error;
    return { asked: { photo: name, error: toJsonError(error) }, error };
  }
}

function exitCodeOfAll(results: readonly Outcome[]) {
  const failed = results.find(({ error }) => error !== null);
  if (failed !== undefined) return exitCodeOf(failed.error);
  const isNobody = results.every(({ asked }) => 'faces' in asked && asked.faces.length === 0);
  return isNobody ? exitCodes.notFound : exitCodes.done;
}

async function preparedDrawing(out: string, photos: number): Promise<Drawing> {
  // Loaded where it is needed: it brings the image library.
  const { prepareDrawing } = await import('./draw-photo.ts');
  return await prepareDrawing(out, photos);
}

function toText(photos: readonly AskedPhoto[], { output }: CliDeps): string {
  const head = ['photo', 'face', 'answer', 'score', 'confidence', 'x1, y1, x2, y2'];
  const rows = photos.flatMap((asked): string[][] => {
    if ('error' in asked) return [[asked.photo, '', asked.error.code, '', '', '']];
    if (asked.faces.length === 0) return [[asked.photo, '', 'no face', '', '', '']];
    return asked.faces.map((face, i) => [
      i === 0 ? asked.photo : '',
      `${i + 1}`,
      colourOf(face.decision, answerOf(face), output),
      face.score?.toFixed(3) ?? '',
      // Of a face that is unknown it is the nearest person's, and would read as one of being unknown.
      face.decision === 'unknown' ? '' : percent(face.confidence),
      face.bounding_box.map(side => Math.round(side)).join(', '),
    ]);
  });
  const faces = photos.flatMap(asked => ('faces' in asked ? asked.faces : []));
  const known = faces.filter(({ decision }) => decision === 'match').length;
  const errors = photos.flatMap(asked => ('error' in asked ? [`${asked.photo}: ${asked.error.message}`] : []));
  const sum = `${faces.length} ${faces.length === 1 ? 'face' : 'faces'}, ${known} known.`;
  return [textTable(head, rows), ...candidateLines(photos), sum, ...errors].join('\n');
}

/** Who else it may be, where that was asked for or where two are too near to each other. */
function candidateLines(photos: readonly AskedPhoto[]): string[] {
  return photos.flatMap(asked => {
    if ('error' in asked) return [];
    return asked.faces.flatMap(({ candidates = [] }, i) => {
      if (candidates.length === 0) return [];
      return [
        `${asked.photo}, face ${i + 1}: ${candidates.map(({ id, score }) => `${id} ${score.toFixed(3)}`).join(', ')}`,
      ];
    });
  });
}
