import { z } from 'zod';
import { detectorNames } from './detector.ts';

const probability = z.number().min(0).max(1);

/** Bounds of what a request may ask for in place of the configured value, and of the configured values themselves. */
export const searchBounds = {
  max_side: z.int().min(0).max(20_000),
  min_face_size: z.int().min(12).max(2000),
  max_faces: z.int().min(1).max(10_000),
} as const;

/** `detector:` of config.yaml. `url` is `embedded`, or the base URL of a detector service; nothing listens here then. */
export const detectorConfig = z.strictObject({
  url: z.union([z.literal('embedded'), z.url({ protocol: /^https?$/ })]).default('embedded'),
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65535).default(5000),
  name: z.enum(detectorNames).default('mtcnn'),
  model_dir: z.string().min(1).default('detector/models'),
  /** Photos are scaled down so that the longer side is at most this; 0 means full resolution. */
  max_side: searchBounds.max_side.default(2048),
  /** Smallest face that is looked for, in the photo's own pixels. */
  min_face_size: searchBounds.min_face_size.default(40),
  /** MTCNN's three thresholds: P-Net, R-Net, O-Net. */
  thresholds: z.tuple([probability, probability, probability]).default([0.6, 0.7, 0.7]),
  max_faces: searchBounds.max_faces.default(1000),
  deadline_ms: z.int().min(1).max(600_000).default(30_000),
});

export type DetectorConfig = z.infer<typeof detectorConfig>;
