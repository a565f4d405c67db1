import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Table from 'cli-table3';
import { drawFaces } from '../../detector/draw-faces.ts';
import { isolateFace } from '../../detector/isolate-face.ts';
import { answerOf, noteOf, percent } from '../cli/face-text.ts';
import { createDemoClient, type DemoClient, type InferFace } from './demo-client.ts';
import { type DemoLabels, type ExpectedFace, expectedFaces, faceAt, readDemoLabels } from './demo-labels.ts';

export type DemoOptions = {
  /** Base URL of a running API whose gallery is empty. */
  readonly apiUrl: string;
  /** What opens it; null where nobody needs a key. */
  readonly apiKey: string | null;
  /** `data/demo.json`. */
  readonly labels: string;
  readonly photoDir: string;
  readonly outDir: string;
  readonly print: (line: string) => void;
};

export type DemoResult = { readonly right: number; readonly wrong: number; readonly notFound: number };

type Photo = { readonly name: string; readonly bytes: Buffer; readonly faces: InferFace[] };

/** The main job on group photos: asks, enrols people from one photo each, asks again, prints what came out and draws it. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { print, outDir } = options;
  const labels = await readDemoLabels(options.labels);
  const client = createDemoClient(options.apiUrl, options.apiKey);

  const before = await ask(client, options.photoDir, labels.photos);
  const decisions = new Set(before.flatMap(photo => photo.faces.map(face => face.decision)));
  print(
    `1. Asked about ${before.length} photos, nobody enrolled: ${countFaces(before)} faces, all ${[...decisions].join(', ')}.`,
  );
  const enrolled = await enrolPeople(client, before, labels, print);
  print(
    `2. Enrolled ${enrolled.size} people, each from one photo with everybody else covered; ${labels.strangers.length} stay strangers.`,
  );
  const after = await ask(client, options.photoDir, labels.photos);
  print('3. Asked again:');
  const result = printAnswers(after, expectedFaces(labels, enrolled), print);

  await mkdir(outDir, { recursive: true });
  await drawPhotos(before, outDir, 'before');
  await drawPhotos(after, outDir, 'after');
  print(`Pictures: ${outDir}`);
  return result;
}

async function ask(client: DemoClient, photoDir: string, names: readonly string[]): Promise<Photo[]> {
  const photos: Photo[] = [];
  for (const name of names) {
    const bytes = await readFile(path.join(photoDir, name));
    photos.push({ name, bytes, faces: await client.infer(bytes) });
  }
  return photos;
}

function countFaces(photos: readonly Photo[]): number {
  return photos.reduce((sum, { faces }) => sum + faces.length, 0);
}

async function enrolPeople(
  client: DemoClient,
  photos: readonly Photo[],
  { people }: DemoLabels,
  print: (line: string) => void,
): Promise<Set<string>> {
  const enrolled = new Set<string>();
  for (const { id, seen } of people) {
    const first = seen[0];
    const photo = photos.find(({ name }) => name === first?.photo);
    const face = photo && first && faceAt(photo.faces, first.at);
    if (!photo || !face) {
      print(`   ${id} is not enrolled: no face was found at ${first?.at} in ${first?.photo}`);
      continue;
    }
    const refusal = await client.generate(id, await isolateFace(photo.bytes, face.bounding_box, 0.6));
    if (refusal === null) enrolled.add(id);
    else print(`   ${id} is not enrolled: ${refusal}`);
  }
  return enrolled;
}

function printAnswers(
  photos: readonly Photo[],
  expected: readonly ExpectedFace[],
  print: (line: string) => void,
): DemoResult {
  const table = new Table({
    head: ['photo', 'answer', 'score', 'confidence', 'is', ''],
    style: { head: [], border: [], compact: true },
  });
  let [right, wrong, notFound] = [0, 0, 0];
  for (const { photo: name, at, id, enrolledHere } of expected.toSorted((a, b) => a.photo.localeCompare(b.photo))) {
    const face = faceAt(photos.find(photo => photo.name === name)?.faces ?? [], at);
    if (face === undefined) {
      notFound++;
      table.push([name, 'no face found', '', '', id ?? 'not enrolled', '']);
      continue;
    }
    const isRight = face.id === id;
    if (isRight) right++;
    else wrong++;
    const truth = id === null ? 'not enrolled' : enrolledHere ? id : `${id}, enrolled from another photo`;
    const [score, confidence] = [face.score?.toFixed(3) ?? '', percent(face.confidence)];
    table.push([name, answerOf(face), score, confidence, truth, isRight ? 'right' : 'WRONG']);
  }
  print(table.toString());
  print(`${right} right, ${wrong} wrong, ${notFound} not found by the detector.`);
  return { right, wrong, notFound };
}

async function drawPhotos(photos: readonly Photo[], outDir: string, suffix: string): Promise<void> {
  for (const { name, bytes, faces } of photos) {
    await writeFile(
      path.join(outDir, `${path.parse(name).name}-${suffix}.jpg`),
      await drawFaces(bytes, faces.map(noteOf)),
    );
  }
}
