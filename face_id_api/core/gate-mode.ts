/** What becomes of a photo at enrolment that falls short, from the mildest to the strictest. */
export const gateModes = ['off', 'warn', 'refuse'] as const;

export type GateMode = (typeof gateModes)[number];

/** A request may ask for more than is configured, never for less. */
export function stricterMode(configured: GateMode, asked: GateMode = 'off'): GateMode {
  return gateModes.indexOf(asked) > gateModes.indexOf(configured) ? asked : configured;
}
