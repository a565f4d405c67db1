// The weights manifest is TensorFlow.js's: groups of tensors, each group stored back to back in its shards.
import { z } from 'zod';
import type { Weight, Weights } from './weights.ts';
import { WeightsError } from './weights-error.ts';

const manifestSchema = z
  .array(
    z.object({
      paths: z.array(z.string()).min(1),
      weights: z.array(
        z.object({
          name: z.string().min(1),
          shape: z.array(z.int().min(0)).max(8),
          dtype: z.enum(['float32', 'int32']),
          quantization: z.object({ dtype: z.literal('uint8'), scale: z.number(), min: z.number() }).optional(),
        }),
      ),
    }),
  )
  .min(1);

type Entry = z.infer<typeof manifestSchema>[number]['weights'][number];

/**
 * Reads face-api's weights. `manifest` is the parsed `*-weights_manifest.json`; `shards` are the files that its groups'
 * `paths` name, in that order. A quantised value is `q · scale + min`, rounded where the tensor is int32; int32 tensors
 * (sizes and axes that some nets carry) come out as floats.
 *
 * Throws a WeightsError, before memory is taken, when the manifest is malformed, names a tensor twice, or describes more or
 * fewer bytes than the shards hold.
 */
export function readFaceApiWeights(manifest: unknown, shards: readonly Uint8Array[]): Weights {
  const parsed = manifestSchema.safeParse(manifest);
  if (!parsed.success) throw new WeightsError(`weights manifest: ${z.prettifyError(parsed.error)}`);
  const paths = parsed.data.flatMap(group => group.paths);
  if (paths.length !== shards.length) {
    throw new WeightsError(
      `weights manifest: expected ${paths.length} shards (${paths.join(', ')}), got ${shards.length}`,
    );
  }

  const weights = new Map<string, Weight>();
  let nextShard = 0;
  for (const group of parsed.data) {
    const bytes = concat(shards.slice(nextShard, nextShard + group.paths.length));
    nextShard += group.paths.length;
    const expected = group.weights.reduce((total, entry) => total + byteLength(entry), 0);
    if (expected !== bytes.length) {
      throw new WeightsError(`shards ${group.paths.join(', ')}: expected ${expected} bytes, got ${bytes.length}`);
    }
    let offset = 0;
    for (const entry of group.weights) {
      if (weights.has(entry.name)) throw new WeightsError(`weights manifest: names '${entry.name}' twice`);
      const end = offset + byteLength(entry);
      weights.set(entry.name, { shape: entry.shape, data: decode(entry, bytes.subarray(offset, end)) });
      offset = end;
    }
  }
  return weights;
}

function byteLength({ shape, quantization }: Entry): number {
  return shape.reduce((count, size) => count * size, 1) * (quantization === undefined ? 4 : 1);
}

function decode({ dtype, quantization }: Entry, bytes: Uint8Array): Float32Array {
  const values = new Float32Array(bytes.length / (quantization === undefined ? 4 : 1));
  if (quantization !== undefined) {
    const { scale, min } = quantization;
    for (let i = 0; i < values.length; i++) {
      const value = bytes[i]! * scale + min;
      values[i] = dtype === 'int32' ? Math.round(value) : value;
    }
    return values;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < values.length; i++) {
    values[i] = dtype === 'int32' ? view.getInt32(4 * i, true) : view.getFloat32(4 * i, true);
  }
  return values;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
