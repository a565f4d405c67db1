// @ts-check
import { api } from './api.js';
import { session } from './session.js';

/** @typedef {import('../replies.d.ts').MeasuredPoint} MeasuredPoint */
/** @typedef {import('../replies.d.ts').ModelsReply} ModelsReply */

/** @type {Promise<ModelsReply> | null} */
let models = null;
session.on('key', () => {
  models = null;
});

/**
 * What was measured of the embedder in use behind a detector; nothing where that cannot be asked.
 * @param {string} detector
 * @returns {Promise<readonly MeasuredPoint[]>}
 */
export async function measuredPoints(detector) {
  models ??= api.listModels();
  try {
    const embedder = (await models).models.find(model => model.kind === 'embedder' && model.active);
    return embedder?.calibration.find(measured => measured.detector === detector)?.thresholds ?? [];
  } catch {
    models = null;
    return [];
  }
}
