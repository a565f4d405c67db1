import type { Detector, DetectorName } from './detector.ts';
import { createMtcnn } from './mtcnn.ts';
import { createSsdMobilenetV1 } from './ssd-mobilenet-v1.ts';
import { createYunet } from './yunet.ts';

const factories: Readonly<Record<DetectorName, (modelDir: string) => Detector>> = {
  mtcnn: createMtcnn,
  yunet: createYunet,
  ssd_mobilenetv1: createSsdMobilenetV1,
};

/** The detector of this name on the nets in `modelDir`, the folder of the installed model. Opens nothing yet; may keep memory between photos. */
export function createDetector(name: DetectorName, modelDir: string): Detector {
  return factories[name](modelDir);
}
