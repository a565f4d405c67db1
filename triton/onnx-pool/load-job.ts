import type { InferenceSession, Job } from './job.ts';
import { fromOnnxType, type OnnxDatatype } from './onnx-datatype.ts';

/** `sessionId` as in `JobContext.session`. */
export type LoadInput = { readonly modelPath: string; readonly sessionId?: string };

/** A graph's tensor: -1 for every dimension that may vary; `datatype` null where it is none that can be served. */
export type GraphTensor = {
  readonly name: string;
  readonly datatype: OnnxDatatype | null;
  readonly onnxType: string;
  readonly dims: readonly number[];
};

export type LoadOutput = { readonly inputs: readonly GraphTensor[]; readonly outputs: readonly GraphTensor[] };

/** Loads the model into the worker that runs this, and says what goes in and what comes out. */
const load: Job<LoadInput, LoadOutput> = async ({ modelPath, sessionId }, context) => {
  const session = await context.session(modelPath, sessionId);
  return {
    output: {
      inputs: session.inputMetadata.map(toGraphTensor),
      outputs: session.outputMetadata.map(toGraphTensor),
    },
  };
};

export default load;

function toGraphTensor(metadata: InferenceSession.ValueMetadata): GraphTensor {
  if (!metadata.isTensor) return { name: metadata.name, datatype: null, onnxType: 'non-tensor', dims: [] };
  return {
    name: metadata.name,
    datatype: fromOnnxType(metadata.type) ?? null,
    onnxType: metadata.type,
    dims: metadata.shape.map(dimension => (typeof dimension === 'number' ? dimension : -1)),
  };
}
