import { z } from 'zod';

const face = z.object({
  id: z.union([z.string(), z.int(), z.null()]),
  decision: z.string(),
  score: z.number().nullable(),
  confidence: z.number().nullable(),
  bounding_box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  landmarks: z.array(z.tuple([z.number(), z.number()])),
});

const inferReply = z.object({ faces: z.array(face) });

export type InferFace = z.infer<typeof face>;

/** The two calls that people make, as the README shows them: base64 in JSON. Rejects with the service's own words. */
export function createDemoClient(apiUrl: string) {
  async function post(route: string, body: unknown): Promise<unknown> {
    const reply = await fetch(new URL(route, apiUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!reply.ok) throw new Error(`POST ${route} answered ${reply.status}: ${await reply.text()}`);
    return reply.json();
  }
  return {
    async infer(image: Buffer): Promise<InferFace[]> {
      return inferReply.parse(await post('/infer', { image: image.toString('base64') })).faces;
    },
    async generate(id: string | number, images: readonly Buffer[]): Promise<void> {
      await post('/generate', { id, images: images.map(image => ({ image: image.toString('base64') })) });
    },
  };
}

export type DemoClient = ReturnType<typeof createDemoClient>;
