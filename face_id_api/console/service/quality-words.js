// @ts-check

/** @typedef {NonNullable<import('../replies.d.ts').Face['quality']>} Quality */
/** @typedef {Quality['reasons'][number]} Reason */

/**
 * In what a face falls short, in plain words, and what helps.
 * @type {Readonly<Record<Reason, string>>}
 */
export const qualityWords = {
  SMALL_BOUNDING_BOX: 'The face is small: take it from nearer, or send the photo as it was taken.',
  LOW_BRIGHTNESS: 'The face is dark: turn it towards the light.',
  EXTREME_POSE: 'The face is turned away: look into the camera.',
  LOW_SHARPNESS: 'The face is blurred: hold still, and let the camera focus.',
  LOW_CONFIDENCE: 'The detector is not sure that this is a face: take care that nothing covers it.',
  LOW_FACE_QUALITY: 'All in all the face is poor: another photo will be recognised better.',
};

/**
 * What was measured, in a line.
 * @param {Quality} quality
 */
export function measuresOf({ sharpness, brightness, yaw, pitch, box_side: side }) {
  const degrees = Math.round(Math.max(Math.abs(yaw), Math.abs(pitch)));
  return `Sharpness ${sharpness.toFixed(2)} · brightness ${brightness.toFixed(2)} · turned ${degrees}° · ${Math.round(side)} px`;
}
