import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readMeasured, writeCalibration, writeOpenSet } from '../../../../face_id_api/eval/write-calibration.ts';
import { calibrationPath, readCalibration } from '../../../../triton/calibration-file.ts';
import { calibrationSchema } from '../../../../triton/card.ts';
import { fakeCard, calibration as plain } from '../../../api/face_id_api/fake-deps.ts';
import { tempFolder } from '../../triton/build/temp-folder.ts';
import { fakeOpenSet } from './open-set/fake-open-set.ts';

const card = fakeCard();
const entry = (detector: string, accuracy: number) => calibrationSchema.parse({ ...plain, detector, accuracy });

describe('writeCalibration', () => {
  it('takes the place of what was measured behind the same detector and keeps the rest, in order', async () => {
    const dir = await tempFolder();
    await writeCalibration(dir, card, entry('mtcnn', 0.9));
    await writeCalibration(dir, card, entry('a_detector', 0.8));
    const file = await writeCalibration(dir, card, entry('mtcnn', 0.95));
    expect(file).toBe(calibrationPath(dir, card.name));
    const kept = await readCalibration(dir, card.name, card.fingerprint);
    expect(kept?.map(({ detector, accuracy }) => [detector, accuracy])).toEqual([
      ['a_detector', 0.8],
      ['mtcnn', 0.95],
    ]);
  });

  it('drops what was measured of another fingerprint', async () => {
    const dir = await tempFolder();
    await writeCalibration(dir, card, entry('a_detector', 0.8));
    const changed = { ...card, fingerprint: 'another' };
    await writeCalibration(dir, changed, entry('mtcnn', 0.9));
    expect(await readCalibration(dir, card.name, card.fingerprint)).toBeNull();
    expect(await readCalibration(dir, card.name, 'another')).toHaveLength(1);
  });

  it('refuses to write over what is no calibration', async () => {
    const dir = await tempFolder();
    await writeFile(calibrationPath(dir, card.name), 'mine');
    await expect(writeCalibration(dir, card, entry('mtcnn', 0.9))).rejects.toThrow(
      'expected a calibration, got no JSON',
    );
    expect(await readFile(calibrationPath(dir, card.name), 'utf8')).toBe('mine');
  });
});

describe('writeOpenSet', () => {
  it('stands beside the calibration for the same detector, and stays when that is measured again', async () => {
    const dir = await tempFolder();
    for (const detector of ['mtcnn', 'yunet']) await writeCalibration(dir, card, entry(detector, 0.9));
    await writeOpenSet(dir, card, 'mtcnn', fakeOpenSet(2));
    await writeOpenSet(dir, card, 'mtcnn', fakeOpenSet(40));
    await writeCalibration(dir, card, entry('mtcnn', 0.95));
    const kept = await readCalibration(dir, card.name, card.fingerprint);
    expect(kept?.map(({ detector, accuracy, open_set }) => [detector, accuracy, open_set])).toEqual([
      ['mtcnn', 0.95, fakeOpenSet(40)],
      ['yunet', 0.9, null],
    ]);
  });

  it('wants a calibration of this very model behind this detector', async () => {
    const dir = await tempFolder();
    await writeCalibration(dir, card, entry('mtcnn', 0.9));
    await expect(writeOpenSet(dir, card, 'yunet', fakeOpenSet(40))).rejects.toThrow(
      /expected a calibration of this very model behind yunet, got none/,
    );
    await expect(readMeasured(dir, { ...card, fingerprint: 'another' }, 'mtcnn')).rejects.toThrow(/got none/);
  });
});
