/**
 * What the name of the gallery beside another one ends in. It holds the same people by another model's vectors, before a switch those
 * of the next model and after it those of the one before.
 */
const suffix = '--beside';

/**
 * The `updated` of what is not as it is in the gallery, or not whole: whatever is changed beside a gallery has it, until it is carried over
 * again. The gallery's own is another, so that no switch takes it for done.
 */
export const notInStep = new Date(0).toISOString();

/** The name of the gallery beside the named one. */
export function besideOf(name: string): string {
  return `${name}${suffix}`;
}

export function isBeside(name: string): boolean {
  return name.endsWith(suffix) && name.length > suffix.length;
}

/** The gallery that this one is beside. */
export function mainOf(beside: string): string {
  return beside.slice(0, -suffix.length);
}
