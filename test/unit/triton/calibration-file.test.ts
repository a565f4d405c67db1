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
