import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { detectorNames } from '../../../detector/detector.ts';
import { qualityConfig } from '../../../face_id_api/config.ts';
import { qualityReasons, thresholdsFor } from '../../../face_id_api/core/quality-faults.ts';
import { faceQualitySchema } from '../../../face_id_api/routes/face-quality.ts';

const page = await readFile(new URL('../../../docs/quality.md', import.meta.url), 'utf8');
const [, reasons = '', measures = ''] = page.split(/^## (?:Reasons|Measures)$/m);
const { thresholds } = qualityConfig.parse({});

describe('docs/quality.md', () => {
  it('lists exactly the reasons, in their order', () => {
    expect([...reasons.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name)).toEqual([...qualityReasons]);
  });

  it('names every threshold with its default', () => {
    const named = [...reasons.matchAll(/`([a-z_]+): ([\d.]+|null)`/g)].map(([, name, value]) => [
      name,
      JSON.parse(value!),
    ]);
    expect(Object.fromEntries(named)).toEqual(thresholds);
    for (const detector of detectorNames) {
      expect(reasons).toContain(`${thresholdsFor(thresholds, detector).confidence} of \`${detector}\``);
    }
  });

  it('says how each measure is taken that a reply has', () => {
    const { reasons: _, ...shape } = faceQualitySchema.shape;
    const rows = measures
      .split('## ')[0]!
      .match(/^\| `.+$/gm)!
      .map(row => row.split('|')[1]!);
    const described = rows.flatMap(cell => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(described.sort()).toEqual(Object.keys(shape).sort());
  });
});
