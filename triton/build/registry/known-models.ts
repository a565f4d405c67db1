import { ModelError } from '../model-error.ts';
import { dlibResnet } from './dlib-resnet.ts';
import { facenet, facenetSeeded } from './facenet.ts';
import type { KnownModel } from './known-model.ts';
import { mobilefaceV2, mobilefaceV3 } from './mobileface.ts';
import { mobilefacenet } from './mobilefacenet.ts';
import { mtcnn } from './mtcnn.ts';
import { ssdMobilenetV1 } from './ssd-mobilenetv1.ts';
import { yunet } from './yunet.ts';

/** Every model that can be installed, in the order in which `npm run models` lists them. */
export const knownModels: readonly KnownModel[] = [
  dlibResnet,
  mobilefacenet,
  facenet,
  mtcnn,
  yunet,
  ssdMobilenetV1,
  mobilefaceV2,
  mobilefaceV3,
  facenetSeeded,
];

/** The model of this name. Throws UNKNOWN_MODEL, which lists the names that are known. */
export function findKnownModel(name: string, models: readonly KnownModel[] = knownModels): KnownModel {
  const model = models.find(candidate => candidate.name === name);
  if (model !== undefined) return model;
  const names = models.map(candidate => candidate.name).join(', ');
  throw new ModelError('UNKNOWN_MODEL', `model '${name}': expected one of ${names}`);
}
