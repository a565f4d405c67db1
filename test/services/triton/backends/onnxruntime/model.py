"""Serves ONNX models where Triton has its Python backend only: a Python-based backend named onnxruntime, for tests on CPU."""

import json
import os

import numpy as np
import onnxruntime as ort
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    @staticmethod
    def auto_complete_config(config):
        return config

    def initialize(self, args):
        config = json.loads(args["model_config"])
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        file_name = config.get("default_model_filename") or "model.onnx"
        path = os.path.join(args["model_repository"], args["model_version"], file_name)
        self.session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.inputs = [tensor["name"] for tensor in config["input"]]
        self.outputs = [tensor["name"] for tensor in config["output"]]
        self.is_batched = config["max_batch_size"] > 0

    def execute(self, requests):
        feeds = [{name: self._array(request, name) for name in self.inputs} for request in requests]
        # Requests of other shapes than the first's cannot be concatenated.
        if not self.is_batched or any(self._items(feed) != self._items(feeds[0]) for feed in feeds):
            return [self._response(self.session.run(self.outputs, feed)) for feed in feeds]
        joined = {name: np.concatenate([feed[name] for feed in feeds]) for name in self.inputs}
        results = self.session.run(self.outputs, joined)
        ends = np.cumsum([feed[self.inputs[0]].shape[0] for feed in feeds])
        starts = [0, *ends[:-1]]
        return [self._response([result[start:end] for result in results]) for start, end in zip(starts, ends)]

    def _array(self, request, name):
        array = pb_utils.get_input_tensor_by_name(request, name).as_numpy()
        # ONNX Runtime's Python binding takes strings as text; given bytes, it would write them as Python source.
        return np.vectorize(bytes.decode, otypes=[np.object_])(array) if array.dtype == np.object_ else array

    def _items(self, feed):
        return [feed[name].shape[1:] for name in self.inputs]

    def _response(self, arrays):
        tensors = [pb_utils.Tensor(name, np.ascontiguousarray(array)) for name, array in zip(self.outputs, arrays)]
        return pb_utils.InferenceResponse(tensors)
