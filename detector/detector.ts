import type { MessagePort } from 'node:worker_threads';
import type { JobContext } from '../triton/onnx-pool/job.ts';
import type { DetectedFace } from './core/detected-face.ts';
import type { RgbImage } from './core/rgb-image.ts';

/** The networks that can look for faces; `config.yaml` names one. */
export const detectorNames = ['mtcnn', 'yunet', 'ssd_mobilenetv1'] as const;

export type DetectorName = (typeof detectorNames)[number];

export type DetectOptions = {
  /** Smallest face that is looked for, in the pixels of the image that is handed over; from 12 on. */
  readonly minFaceSize: number;
  /** MTCNN's three probabilities; other detectors have their own published one. */
  readonly thresholds: readonly [number, number, number];
};

export type DetectContext = JobContext & {
  /** Ends of channels to threads that help with this image, if any. The detector sends to them and does not close them. */
  readonly helpers?: readonly MessagePort[];
};

/** Finds faces in an image. Runs inside a pool's worker thread, on that worker's own sessions. */
export type Detector = {
  readonly name: DetectorName;
  /**
   * Every face, in the image's own pixels, in no particular order. Boxes are not empty; landmarks are finite and may lie
   * outside the image. An image without faces, or too small for one, gives [].
   */
  detect(image: RgbImage, options: DetectOptions, context: DetectContext): Promise<DetectedFace[]>;
};
