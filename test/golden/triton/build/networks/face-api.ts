// face-api itself, run by the CPU backend of the TensorFlow.js that its browser bundle carries.
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const packageDir = path.resolve(import.meta.dirname, '../../../../../node_modules/@vladmandic/face-api');

type TfTensor = { readonly shape: readonly number[]; dataSync(): Float32Array };

type Net<Result> = {
  loadFromWeightMap(weights: unknown): void;
  forwardInput(input: unknown): Result;
};

type FaceApi = {
  readonly tf: {
    readonly io: {
      weightsLoaderFactory(
        fetchFiles: (paths: readonly string[]) => Promise<ArrayBuffer[]>,
      ): (manifest: unknown, folder: string) => Promise<unknown>;
    };
    env(): { set(flag: string, value: boolean): void };
    setBackend(name: string): Promise<boolean>;
    tensor4d(values: Float32Array, shape: readonly number[]): TfTensor;
  };
  readonly NetInput: new (inputs: readonly TfTensor[]) => unknown;
  readonly FaceRecognitionNet: new () => Net<TfTensor>;
  readonly FaceLandmark68Net: new () => Net<TfTensor>;
  readonly SsdMobilenetv1: new () => Net<{ readonly boxes: readonly TfTensor[]; readonly scores: readonly TfTensor[] }>;
};

/** The bundle expects a browser: it looks for these two names while it loads, and for nothing in them. */
export async function loadFaceApi(): Promise<FaceApi> {
  Object.assign(globalThis, { window: globalThis, document: {} });
  const faceApi: FaceApi = await import(path.join(packageDir, 'dist/face-api.esm.js'));
  // Keeps it from advertising its node backend.
  faceApi.tf.env().set('IS_NODE', false);
  await faceApi.tf.setBackend('cpu');
  return faceApi;
}

/** One of face-api's nets with the weights of its package, read by TensorFlow.js's own loader. */
export async function loadNet<Result>({ tf }: FaceApi, Net: new () => Net<Result>, name: string): Promise<Net<Result>> {
  const load = tf.io.weightsLoaderFactory(async files => files.map(file => new Uint8Array(readFileSync(file)).buffer));
  const net = new Net();
  net.loadFromWeightMap(await load(readManifest(name), `${modelDir}/`));
  return net;
}

const modelDir = path.join(packageDir, 'model');

export function readManifest(name: string): unknown {
  return JSON.parse(readFileSync(path.join(modelDir, `${name}_model-weights_manifest.json`), 'utf8'));
}

export function readShard(name: string): Uint8Array {
  return readFileSync(path.join(modelDir, `${name}_model.bin`));
}
