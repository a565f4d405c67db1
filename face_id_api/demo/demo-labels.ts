import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { InferFace } from './demo-client.ts';

const sighting = z.strictObject({ photo: z.string(), at: z.tuple([z.number(), z.number()]) });

/** `data/demo.json`: who is where in the sample photos, labelled by eye. */
const labelsSchema = z.strictObject({
  about: z.string(),
  photos: z.array(z.string()).min(1),
  /** Enrolled from the first photo that they are seen in. */
  people: z.array(z.strictObject({ id: z.string(), seen: z.array(sighting).min(1) })),
  /** Never enrolled: the right answer for them is `unknown`. */
  strangers: z.array(sighting),
});

export type Sighting = z.infer<typeof sighting>;
export type DemoLabels = z.infer<typeof labelsSchema>;

/** One face that the labels know, and the right id for it; null for who is not enrolled. */
export type ExpectedFace = Sighting & { readonly id: string | null; readonly enrolledHere: boolean };

export async function readDemoLabels(file: string): Promise<DemoLabels> {
  return labelsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

/** Every labelled face of every photo, when these people are enrolled. */
export function expectedFaces({ people, strangers }: DemoLabels, enrolled: ReadonlySet<string>): ExpectedFace[] {
  return [
    ...people.flatMap(({ id, seen }) =>
      seen.map((sighting, i) => ({ ...sighting, id: enrolled.has(id) ? id : null, enrolledHere: i === 0 })),
    ),
    ...strangers.map(sighting => ({ ...sighting, id: null, enrolledHere: false })),
  ];
}

/** The face whose box holds the labelled point. */
export function faceAt(faces: readonly InferFace[], [x, y]: Sighting['at']): InferFace | undefined {
  return faces.find(({ bounding_box: [x1, y1, x2, y2] }) => x >= x1 && x <= x2 && y >= y1 && y <= y2);
}
