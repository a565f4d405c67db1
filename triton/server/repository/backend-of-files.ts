/** Backends by the name of the file that a version folder holds, where they do not bear its ending's name. */
const backends: Readonly<Record<string, string>> = {
  graphdef: 'tensorflow',
  onnx: 'onnxruntime',
  plan: 'tensorrt',
  pt: 'pytorch',
  py: 'python',
  savedmodel: 'tensorflow',
  xml: 'openvino',
};

/**
 * The backend of a model whose configuration names none, as Triton finds it: by the ending of the file `model.…` in a version
 * folder, `model.pt` being PyTorch's. Undefined where no file tells.
 */
export function backendOfFiles(names: readonly string[]): string | undefined {
  const endings = names.flatMap(name => /^model\.(\w+)$/.exec(name)?.[1] ?? []).sort();
  const ending = endings.includes('onnx') ? 'onnx' : endings[0];
  return ending === undefined ? undefined : (backends[ending] ?? ending);
}
