import { ServiceError } from '../detector/errors.ts';
import type { ModelCard } from '../triton/card.ts';
import type {
  CallOptions,
  InferRequest,
  InferResult,
  ModelMetadata,
  NamedTensor,
  TritonClient,
} from '../triton/client/triton-client.ts';
import { type CropName, isCropName } from '../triton/core/crop-spec.ts';
import type { PixelSpec } from '../triton/core/pixel-spec.ts';
import type { Tensor } from '../triton/core/tensor.ts';
import { mapConcurrently } from './core/map-concurrently.ts';
import { normalisePixels } from './core/normalise-pixels.ts';
import { readEmbeddings } from './read-embeddings.ts';
import { StartError } from './start-error.ts';
import { tritonErrorToService } from './triton-error-to-service.ts';

export type EmbedderModel = {
  readonly name: string;
  readonly fingerprint: string;
  /** Length of an embedding. */
  readonly dimension: number;
  /** How the detector has to cut faces for it. */
  readonly crop: CropName;
};

export type CallLimits = {
  readonly signal: AbortSignal;
  /** Of the request that the call belongs to; Triton gets it as the id of its own. */
  readonly requestId?: string | undefined;
};

/** Crops in, unit vectors out, by a model on Triton. Rejects with `ServiceError` or with the signal's reason. */
export type Embedder = {
  readonly model: EmbedderModel;
  /** The model as Triton serves it now. */
  describe(limits: CallLimits): Promise<{ name: string; version: string; fingerprint: string }>;
  /** UINT8 crops [count, 3, s, s] in, `count` vectors of length 1 out, in their order; any count, 0 too. */
  embed(crops: Uint8Array, count: number, limits: CallLimits): Promise<Float32Array[]>;
  ready(limits: CallLimits): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }>;
};

/** What is used of a Triton client. */
export type EmbedderTriton = Pick<TritonClient, 'modelConfig' | 'modelMetadata' | 'modelReady'> & {
  infer(request: InferRequest, options?: CallOptions): Promise<Pick<InferResult, 'model' | 'version' | 'outputs'>>;
};

export type EmbedderOptions = {
  readonly client: EmbedderTriton;
  readonly card: ModelCard;
  /** Calls of one request that are under way at once. */
  readonly concurrency?: number;
};

type ModelConfig = Awaited<ReturnType<TritonClient['modelConfig']>>;

/** What Triton says about the model. `pixels` is null for UINT8 in, normalised in the graph. */
type Contract = { version: string; batch: number; instances: number; batched: boolean; pixels: PixelSpec | null };

/** Most faces of one call where the model sets no bound of its own that is lower. */
const largestBatch = 64;

/** @throws StartError when the card is not that of an embedder */
export function createEmbedder({ client, card, concurrency = 2 }: EmbedderOptions): Embedder {
  const model = embedderModelOf(card);
  const size = card.crop?.spec.size ?? 0;
  const cropBytes = 3 * size * size;
  let contract: Contract | null = null;

  /** Read on first use and again after every failure: Triton may have come back with another version. */
  async function readContract({ signal }: CallLimits): Promise<Contract> {
    if (contract !== null) return contract;
    const [metadata, config] = await Promise.all([
      client.modelMetadata(model.name, { signal }),
      client.modelConfig(model.name, { signal }),
    ]);
    contract = contractOf(metadata, config, { model, size, pixelSpec: card.pixel_spec });
    return contract;
  }

  async function guarded<T>({ signal }: CallLimits, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      contract = null;
      throw tritonErrorToService(error, model.name, signal);
    }
  }

  async function embedBatch(crops: Uint8Array, count: number, form: Contract, limits: CallLimits) {
    const inputs = [inputTensor(crops, count, size, form)];
    const { signal, requestId } = limits;
    const request = {
      model: model.name,
      inputs,
      outputs: ['OUTPUT__0'],
      ...(requestId !== undefined && { id: requestId }),
    };
    const result = await client.infer(request, { signal });
    // The server's choice of version may change while it runs; the next request then reads the model again.
    if (result.version !== '' && result.version !== form.version) contract = null;
    return readEmbeddings(result.outputs.get('OUTPUT__0'), count, form.batched, model);
  }

  return {
    model,
    describe: limits =>
      guarded(limits, async () => {
        const { version } = await readContract(limits);
        return { name: model.name, version, fingerprint: model.fingerprint };
      }),
    embed: (crops, count, limits) =>
      guarded(limits, async () => {
        if (crops.length !== count * cropBytes) {
          throw new RangeError(`crops: expected ${count} × ${cropBytes} bytes, got ${crops.length}`);
        }
        if (count === 0) return [];
        const form = await readContract(limits);
        // A photo's faces go to the model's instances in equal parts; where other requests wait, the server puts them together again.
        const length = Math.min(form.batch, Math.ceil(count / Math.min(form.instances, concurrency)));
        const batches = Array.from({ length: Math.ceil(count / length) }, (_, k) => ({
          from: k * length,
          to: Math.min(count, (k + 1) * length),
        }));
        const vectors = await mapConcurrently(
          batches,
          { limit: concurrency, signal: limits.signal },
          (batch, _, signal) =>
            embedBatch(crops.subarray(batch.from * cropBytes, batch.to * cropBytes), batch.to - batch.from, form, {
              signal,
              requestId: limits.requestId,
            }),
        );
        return vectors.flat();
      }),
    async ready(limits) {
      try {
        return await guarded(limits, async () => {
          if (!(await client.modelReady(model.name, limits))) {
            contract = null;
            return { ok: false, reason: `model '${model.name}' is not ready on Triton` };
          }
          await readContract(limits);
          return { ok: true };
        });
      } catch (error) {
        return { ok: false, reason: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

/** @throws StartError when the card is not that of an embedder */
export function embedderModelOf(card: ModelCard): EmbedderModel {
  const dimension = card.outputs[0]?.shape.at(-1) ?? 0;
  if (card.kind !== 'embedder' || card.crop === null || !isCropName(card.crop.name) || dimension < 1) {
    throw new StartError(`model '${card.name}': its card is not that of an embedder with a known crop and dimension`);
  }
  return { name: card.name, fingerprint: card.fingerprint, dimension, crop: card.crop.name };
}

type Expected = { readonly model: EmbedderModel; readonly size: number; readonly pixelSpec: PixelSpec | null };

function contractOf(
  metadata: ModelMetadata,
  { maxBatchSize, instanceGroup }: ModelConfig,
  { model, size, pixelSpec }: Expected,
): Contract {
  const batched = maxBatchSize > 0;
  const input = metadata.inputs.find(({ name }) => name === 'INPUT__0');
  const output = metadata.outputs.find(({ name }) => name === 'OUTPUT__0');
  expectShape(model.name, 'INPUT__0', input?.shape, batched ? [-1, 3, size, size] : [3, size, size]);
  expectShape(model.name, 'OUTPUT__0', output?.shape, batched ? [-1, model.dimension] : [model.dimension]);
  const pixels = input?.datatype === 'FP32' ? pixelSpec : null;
  if (input?.datatype !== 'UINT8' && pixels === null) {
    throw new ServiceError(
      'INTERNAL',
      `model '${model.name}', INPUT__0: expected UINT8, or FP32 and a card with a pixel_spec, got ${input?.datatype}` +
        `${input?.datatype === 'FP32' ? ` and none. "npm run models -- add ${model.name}" writes the card anew` : ''}`,
    );
  }
  return {
    version: newest(metadata.versions),
    batch: batched ? Math.min(maxBatchSize, largestBatch) : 1,
    instances: Math.max(
      1,
      instanceGroup.reduce((sum, group) => sum + group.count, 0),
    ),
    batched,
    pixels,
  };
}

function expectShape(model: string, tensor: string, got: readonly number[] | undefined, expected: readonly number[]) {
  // A dimension of −1 is one that the model leaves open.
  const fits = got?.length === expected.length && got.every((value, i) => value === -1 || value === expected[i]);
  if (!fits) {
    const found = got === undefined ? 'no such tensor' : `[${got}]`;
    throw new ServiceError('INTERNAL', `model '${model}', ${tensor}: expected shape [${expected}], got ${found}`);
  }
}

function newest(versions: readonly string[]): string {
  return [...versions].sort((a, b) => Number(a) - Number(b)).at(-1) ?? '';
}

function inputTensor(crops: Uint8Array, count: number, size: number, form: Contract): NamedTensor {
  const shape = form.batched ? [count, 3, size, size] : [3, size, size];
  const tensor: Tensor =
    form.pixels === null
      ? { datatype: 'UINT8', shape, data: crops }
      : { datatype: 'FP32', shape, data: new Uint8Array(normalisePixels(crops, form.pixels).buffer) };
  return { name: 'INPUT__0', ...tensor };
}
