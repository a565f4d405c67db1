import { describe, expect, it } from 'vitest';
import { evalCommand } from '../../../../face_id_api/eval/eval-command.ts';

describe('evalCommand', () => {
  it('names both models and the data, and no folder of this machine', () => {
    const asked = { data: '/home/somebody/photos/lfw-dev/', pairs: 'pairsDevTrain.txt', write: true } as const;
    expect(evalCommand(asked, 'dlib_resnet', 'mtcnn')).toBe(
      'FACE_ID__MODELS__EMBEDDER=dlib_resnet FACE_ID__DETECTOR__NAME=mtcnn npm run eval -- --data lfw-dev --write',
    );
  });

  it('keeps lists of the caller’s, as words of a shell', () => {
    const asked = { data: 'faces', pairs: "ann's list.txt", test: 'others.txt' };
    expect(evalCommand(asked, 'e', 'd')).toMatch(/-- --data faces --pairs 'ann'\\''s list\.txt' --test others\.txt$/);
  });
});
