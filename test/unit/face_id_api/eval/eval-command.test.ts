import { describe, expect, it } from 'vitest';
import { evalCommand, openSetCommand, qualityCommand } from '../../../../face_id_api/eval/eval-command.ts';

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

describe('openSetCommand and qualityCommand', () => {
  it('say what to type, with no folder of this machine', () => {
    expect(openSetCommand({ data: '/home/somebody/lfw-dev', faults: true, write: true }, 'e', 'd')).toBe(
      'FACE_ID__MODELS__EMBEDDER=e FACE_ID__DETECTOR__NAME=d npm run eval -- open-set --data lfw-dev --write',
    );
    expect(openSetCommand({ data: 'faces', faults: false }, 'e', 'd')).toMatch(/-- open-set --data faces --no-faults$/);
    expect(qualityCommand('/home/somebody/faces', 'e', 'd')).toMatch(/-- quality --data faces$/);
  });
});
