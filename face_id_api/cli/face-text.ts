import { styleText } from 'node:util';
import type { FaceNote } from '../../detector/draw-faces.ts';
import type { Face } from '../client/index.ts';

/** The part of a face that people look at. */
export type AnsweredFace = Pick<Face, 'id' | 'confidence' | 'bounding_box' | 'landmarks'> & {
  readonly decision: string;
};

type Terminal = { readonly isTTY?: boolean };

const colours = { match: 'green', ambiguous: 'yellow' } as const;

/** Who it is, or that it is nobody known. */
export function answerOf({ id, decision }: Pick<AnsweredFace, 'id' | 'decision'>): string {
  return id === null ? decision : `${id}`;
}

export function percent(confidence: number | null): string {
  return confidence === null ? '' : `${(100 * confidence).toFixed(1)} %`;
}

/** A decision in its colour; plain without a terminal, and where NO_COLOR says so. */
export function colourOf(decision: string, text: string, stream: NodeJS.WritableStream & Terminal): string {
  const colour = decision === 'match' || decision === 'ambiguous' ? colours[decision] : 'gray';
  return styleText(colour, text, { stream });
}

/** How a face is drawn over its photo. */
export function noteOf(face: AnsweredFace): FaceNote {
  const { decision, confidence } = face;
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = face.bounding_box;
  return {
    box: [x1, y1, x2, y2],
    landmarks: face.landmarks.map(([x = 0, y = 0]): [number, number] => [x, y]),
    // Below the threshold the confidence is the nearest person's, and would read as one of being unknown.
    label: decision === 'match' ? `${answerOf(face)} ${percent(confidence)}`.trim() : decision,
    colour: decision === 'match' ? '#0a7d3c' : '#5f6368',
  };
}
