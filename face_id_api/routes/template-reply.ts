import { z } from 'zod';
import type { TemplateSummary } from '../store/store.ts';

export const templateSchema = z.object({
  id: z.string(),
  created: z.string().describe('ISO 8601, UTC.'),
  detector: z.string().describe('What cut the face; empty where it came as an embedding that named none.'),
  source_sha256: z.string().describe('SHA-256 of the image file; of the embedding, where it came as one.'),
  fingerprint: z.string().describe('Of the model that made the vector.'),
});

export function toTemplate(template: TemplateSummary): z.input<typeof templateSchema> {
  const { id, created, detector, sourceSha256, fingerprint } = template;
  return { id, created, detector, source_sha256: sourceSha256, fingerprint };
}
