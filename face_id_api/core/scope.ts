/** What a key may be allowed: look people up, enrol and correct them, erase them, and everything. */
export const scopes = ['read', 'enrol', 'erase', 'admin'] as const;

export type Scope = (typeof scopes)[number];

/** Whether a key with `granted` may do what asks for `needed`. `admin` may everything; the others hold nothing of each other. */
export function grants(granted: readonly Scope[], needed: Scope): boolean {
  return granted.includes(needed) || granted.includes('admin');
}
