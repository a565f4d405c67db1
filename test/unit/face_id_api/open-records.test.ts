import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { auditPlaces } from '../../../face_id_api/audit/audit-files.ts';
import { readAuditLines } from '../../../face_id_api/audit/read-audit.ts';
import { auditConfig, encryptionConfig, retentionConfig } from '../../../face_id_api/config.ts';
import type { Verdict } from '../../../face_id_api/core/decide.ts';
import { keepRecords, openRecords } from '../../../face_id_api/open-records.ts';
import { at, model, templates } from '../../contract/face_id_api/store.ts';
import { tempFolder } from '../triton/build/temp-folder.ts';

const logger = pino({ level: 'silent' });
const verdict = (id: string | null): Verdict => ({
  id,
  decision: id === null ? 'unknown' : 'match',
  score: 0.9,
  confidence: null,
});

async function setUp(retention: object, audit: object = {}) {
  const dataDir = path.join(await tempFolder(), 'data_dir');
  const config = {
    store: { kind: 'local' } as const,
    encryption: encryptionConfig.parse({}),
    retention: retentionConfig.parse(retention),
    audit: auditConfig.parse(audit),
    data_dir: dataDir,
  };
  const context = { model, logger, actor: 'local' };
  const kept = await keepRecords(config, context);
  await kept.store.gallery('default').put({ id: 'ann', mode: 'append', templates: templates(at(0)) });
  const actions = async () => (await Array.fromAsync(readAuditLines(auditPlaces(dataDir)))).map(({ action }) => action);
  /** After the service has ended. */
  const seen = async (): Promise<string | null | undefined> => {
    const again = await openRecords(config, context);
    try {
      return (await again.store.gallery('default').get('ann'))?.seen;
    } finally {
      await again.close();
    }
  };
  return { kept, actions, seen };
}

describe('the records of a service', () => {
  it('have the day of a recognition where retention wants it, at its end at the latest, and no line of it', async () => {
    const { kept, actions, seen } = await setUp({ unseen_days: 30 });
    await kept.onIdentified?.('default', [verdict('ann'), verdict(null)]);
    await kept.close();
    expect(await seen()).toBe(new Date().toISOString().slice(0, 10));
    expect(await actions()).toEqual(['identity.enrol', 'identity.enrol']);
  });

  it('have neither where nothing is said of it', async () => {
    const { kept, actions, seen } = await setUp({});
    await kept.onIdentified?.('default', [verdict('ann')]);
    await kept.close();
    expect(await seen()).toBeNull();
    expect(await actions()).toEqual(['identity.enrol', 'identity.enrol']);
  });

  it('have a line of every recognition where that is asked for', async () => {
    const { kept, actions, seen } = await setUp({}, { reads: true });
    await kept.onIdentified?.('default', [verdict('ann'), verdict('ann'), verdict(null)]);
    await kept.close();
    expect(await seen()).toBeNull();
    expect(await actions()).toEqual(['identity.enrol', 'identity.enrol', 'photo.identify']);
  });

  it('that are in memory only have no log, and want no consents', async () => {
    const config = {
      store: { kind: 'local' } as const,
      encryption: encryptionConfig.parse({}),
      retention: retentionConfig.parse({ require_consent: true, unseen_days: 1 }),
      audit: auditConfig.parse({ reads: true }),
      data_dir: ':memory:',
    };
    const { store, audit, onIdentified, close } = await keepRecords(config, { model, logger, actor: 'local' });
    await store.gallery('default').put({ id: 'ann', mode: 'append', templates: templates(at(0)) });
    expect([audit, onIdentified]).toEqual([null, undefined]);
    await close();
  });
});
