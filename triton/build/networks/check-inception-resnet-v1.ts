import { takeWeight, type Weights } from '../weights/weights.ts';
import { WeightsError } from '../weights/weights-error.ts';
import { dim, expectedTensors } from './inception-resnet-v1-layers.ts';

/** Trained numbers of the embedding: everything but batch normalisation's running statistics and the classifier. */
export const parameterCount = 23_482_624;

const listed = 3;

/**
 * Whether a whole file is the InceptionResnetV1 that it is said to be. `classes` is the size of the classifier that was cut off
 * after training, which tells the published files apart (VGGFace2: 8,631; CASIA-WebFace: 10,575); a file without one is taken too.
 *
 * Throws a WeightsError that says in words what is missing, what is unknown, which shape differs, or how many parameters there are.
 */
export function checkInceptionResnetV1(weights: Weights, classes: number): void {
  const known = new Set(expectedTensors.map(({ name }) => name));
  const missing = [...known].filter(name => !weights.has(name));
  if (missing.length > 0) throw failure(`${missing.length} tensors are missing`, missing);
  const unknown = [...weights.keys()].filter(name => !known.has(name) && !isOfTraining(name));
  if (unknown.length > 0) throw failure(`${unknown.length} tensors are unknown`, unknown);
  for (const { name, shape } of expectedTensors) takeWeight(weights, name, shape);
  if (weights.has('logits.weight')) takeWeight(weights, 'logits.weight', [classes, dim]);
  const trained = expectedTensors.filter(({ role }) => role !== 'mean' && role !== 'variance');
  const count = trained.reduce((sum, { name }) => sum + (weights.get(name)?.data.length ?? 0), 0);
  if (count !== parameterCount) {
    throw new WeightsError(`state dict: expected InceptionResnetV1's ${parameterCount} parameters, got ${count}`);
  }
  const broken = expectedTensors.find(({ name }) => !weights.get(name)?.data.every(Number.isFinite));
  if (broken) throw new WeightsError(`weight '${broken.name}': expected finite numbers, got NaN or infinity`);
}

/** The classifier, and batch normalisation's counters. */
function isOfTraining(name: string): boolean {
  return name === 'logits.weight' || name === 'logits.bias' || name.endsWith('.num_batches_tracked');
}

function failure(what: string, names: readonly string[]): WeightsError {
  const shown = names.slice(0, listed).join(', ');
  const more = names.length > listed ? ' and others' : '';
  return new WeightsError(`state dict: expected the tensors of InceptionResnetV1, but ${what}: ${shown}${more}`);
}
