import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Everything that is written down. docs/audit.md says of each when, and a test compares them. */
export const auditActions = [
  'identity.enrol',
  'identity.update',
  'identity.merge',
  'identity.erase',
  'identity.export',
  'identities.import',
  'identities.erase',
  'identities.distinguish',
  'identities.undistinguish',
  'template.move',
  'template.erase',
  'rejection.add',
  'rejection.erase',
  'unknowns.enrol',
  'unknowns.erase',
  'gallery.make',
  'gallery.switch',
  'gallery.erase',
  'gallery.export',
  'gallery.sweep',
  'photo.identify',
  'key.add',
  'key.rotate',
  'key.remove',
  'encryption.on',
  'encryption.rotate',
  'encryption.off',
  'audit.repaired',
  'audit.broken',
] as const;

export type AuditAction = (typeof auditActions)[number];

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** What a line says, in its order. Without images, vectors, names, and without ids: a subject stands for one. */
const contentSchema = z.strictObject({
  /** From 1, without a gap. */
  seq: z.int().min(1),
  time: z.iso.datetime(),
  /** The name of the key; `local` where nobody needs one, `command`, or `sweeper`. */
  actor: z.string(),
  action: z.enum(auditActions),
  gallery: z.string().nullable(),
  /** Keyed hashes of the ids that it is about; null: everybody in the gallery. */
  subjects: z.array(z.string()).nullable(),
  /** A change has two lines: `begun` before it is made, then what became of it. */
  outcome: z.enum(['begun', 'done', 'failed']),
  /** `begun` among them is the seq of the line that the outcome is of. */
  details: z.record(z.string(), z.unknown()),
  /** The hash of the line before; 64 zeros before the first. */
  previous: hash,
});

export type AuditLine = Readonly<z.infer<typeof contentSchema>> & { readonly hash: string };

/** How far a log has come. */
export type AuditHead = { readonly seq: number; readonly hash: string };

export const noLines: AuditHead = { seq: 0, hash: '0'.repeat(64) };

/** The line as it is written, without its end. `hash` is SHA-256 (hex) over the text of the line without that last member. */
export function formatLine(content: Omit<AuditLine, 'hash'>): { readonly text: string; readonly hash: string } {
  const { seq, time, actor, action, gallery, subjects, outcome, details, previous } = content;
  const body = JSON.stringify({ seq, time, actor, action, gallery, subjects, outcome, details, previous });
  const hash = sha256(body);
  return { text: `${body.slice(0, -1)},"hash":"${hash}"}`, hash };
}

/** Null where the text is not, byte for byte, what its hash was made from. */
export function parseLine(text: string): AuditLine | null {
  const [, body = '', hash = ''] = /^(\{.+),"hash":"([0-9a-f]{64})"\}$/s.exec(text) ?? [];
  if (hash === '' || sha256(`${body}}`) !== hash) return null;
  const parsed = contentSchema.safeParse(parseJson(`${body}}`));
  return parsed.success ? { ...parsed.data, hash } : null;
}

/** Undefined where it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `12:ab…`, as it is printed and kept elsewhere. */
export function formatHead({ seq, hash }: AuditHead): string {
  return `${seq}:${hash}`;
}

/** Null where the text is none. */
export function parseHead(text: string): AuditHead | null {
  const [, seq, hash] = /^\s*(\d{1,16}):([0-9a-f]{64})\s*$/.exec(text) ?? [];
  return seq === undefined || hash === undefined ? null : { seq: Number(seq), hash };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
