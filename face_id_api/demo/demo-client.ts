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

const refusal = z.object({ refused: z.array(z.object({ reason: z.string() })).min(1) });

/** The two calls that people make, as the README shows them: base64 in JSON. Rejects with the service's own words. */
export function createDemoClient(apiUrl: string, apiKey: string | null) {
  async function post(route: string, body: unknown): Promise<Response> {
    return fetch(new URL(route, apiUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(apiKey !== null && { 'x-api-key': apiKey }) },
      body: JSON.stringify(body),
    });
  }
  return {
    async infer(image: Buffer): Promise<InferFace[]> {
      const reply = await post('/infer', { image: image.toString('base64') });
      if (!reply.ok) throw new Error(`POST /infer answered ${reply.status}: ${await reply.text()}`);
      return inferReply.parse(await reply.json()).faces;
    },
    /** Null when the id is enrolled, otherwise why its photo was refused. */
    async generate(id: string | number, image: Buffer): Promise<string | null> {
      const reply = await post('/generate', { id, images: [{ image: image.toString('base64') }] });
      if (reply.ok) return null;
      if (reply.status === 422) return refusal.parse(await reply.json()).refused[0]!.reason;
      throw new Error(`POST /generate answered ${reply.status}: ${await reply.text()}`);
    },
  };
}

export type DemoClient = ReturnType<typeof createDemoClient>;
