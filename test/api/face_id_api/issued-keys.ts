import type { Scope } from '../../../face_id_api/core/scope.ts';
import { issueKey } from '../../../face_id_api/keys/issue-key.ts';
import { createKeyFinder, type KeyRing } from '../../../face_id_api/keys/key-ring.ts';

/** A ring with one key for each scope and one that has expired, the keys by the scope's name, and a plain one. */
export function issuedKeys() {
  const now = new Date();
  const past = new Date(now.getTime() - 1000);
  const issue = (name: string, scopes: Scope[], expires: Date | null = null) =>
    issueKey({ name, scopes, now, expires });
  const issued = {
    read: issue('reader', ['read']),
    enrol: issue('enroller', ['enrol']),
    erase: issue('eraser', ['erase']),
    admin: issue('administrator', ['admin']),
    expired: issue('late', ['admin'], past),
  };
  const plain = 'correct-horse-battery-staple';
  const find = createKeyFinder(
    Object.values(issued).map(({ stored }) => stored),
    plain,
  );
  const keys: KeyRing = { isRequired: () => true, find };
  const { read, enrol, erase, admin, expired } = issued;
  return {
    keys,
    plain,
    ...{ read: read.key, enrol: enrol.key, erase: erase.key, admin: admin.key, expired: expired.key },
    ids: { read: read.stored.id, enrol: enrol.stored.id },
  };
}
