import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { calibrationPath, readCalibration } from '../../../triton/calibration-file.ts';
import { tempFolder } from './build/temp-folder.ts';

describe('a calibration file', () => {
  it('is not needed', async () => {
    expect(await readCalibration(await tempFolder(), 'm', 'f')).toBeNull();
  });

  it('counts only for the model and the fingerprint that were measured', async () => {
    const dir = await tempFolder();
    await writeFile(calibrationPath(dir, 'm'), JSON.stringify({ model: 'm', fingerprint: 'f', calibration: [] }));
    expect(await readCalibration(dir, 'm', 'f')).toEqual([]);
    expect(await readCalibration(dir, 'm', 'g')).toBeNull();
  });

  it('from before bounds and tests were measured reads as one that did not measure them', async () => {
    const dir = await tempFolder();
    const entry = {
      detector: 'd',
      method: 'by hand',
      pairs: { same: 1, different: 1 },
      thresholds: [{ fmr: 0.001, threshold: 0.5 }],
      curve: { slope: 1, intercept: 0 },
      accuracy: 1,
    };
    await writeFile(calibrationPath(dir, 'm'), JSON.stringify({ model: 'm', fingerprint: 'f', calibration: [entry] }));
    expect(await readCalibration(dir, 'm', 'f')).toEqual([
      {
        ...entry,
        command: null,
        date: null,
        photos: null,
        thresholds: [{ fmr: 0.001, threshold: 0.5, fmr_bounds: null, fnmr: null, fnmr_bounds: null }],
        folds: null,
        test: null,
        open_set: null,
      },
    ]);
  });

  it('that is none is refused with its path and what is wrong', async () => {
    const dir = await tempFolder();
    await writeFile(calibrationPath(dir, 'm'), JSON.stringify({ model: 'm', calibration: [{}] }));
    await expect(readCalibration(dir, 'm', 'f')).rejects.toThrow(
      new RegExp(`^${calibrationPath(dir, 'm')}: expected a calibration, got:[\\s\\S]*fingerprint`),
    );
    await writeFile(calibrationPath(dir, 'm'), 'nothing');
    await expect(readCalibration(dir, 'm', 'f')).rejects.toThrow('expected a calibration, got no JSON');
  });
});
