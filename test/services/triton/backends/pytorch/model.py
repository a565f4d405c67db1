"""Serves TorchScript where Triton has its Python backend only: a Python-based backend named pytorch, for tests on CPU."""

import json
import os
import sys

import numpy as np
import triton_python_backend_utils as pb_utils

# Debian's torch, behind the virtual environment's own packages.
sys.path.append("/usr/lib/python3/dist-packages")
import torch


class TritonPythonModel:
    @staticmethod
    def auto_complete_config(config):
        return config

    def initialize(self, args):
        config = json.loads(args["model_config"])
        file_name = config.get("default_model_filename") or "model.pt"
        path = os.path.join(args["model_repository"], args["model_version"], file_name)
        torch.set_num_threads(1)
        self.model = torch.jit.load(path, map_location="cpu")
        # TorchScript's arguments and results have no names: NVIDIA's backend numbers them, NAME__0, NAME__1, ...
        self.inputs = sorted((tensor["name"] for tensor in config["input"]), key=self._index)
        self.outputs = sorted((tensor["name"] for tensor in config["output"]), key=self._index)

    def execute(self, requests):
        feeds = [[pb_utils.get_input_tensor_by_name(request, name).as_numpy() for name in self.inputs] for request in requests]
        arguments = [torch.from_numpy(np.concatenate(arrays)) for arrays in zip(*feeds)]
        with torch.no_grad():
            results = self.model(*arguments)
        results = results if isinstance(results, tuple) else (results,)
        ends = np.cumsum([feed[0].shape[0] for feed in feeds])
        starts = [0, *ends[:-1]]
        return [self._response([result[start:end] for result in results]) for start, end in zip(starts, ends)]

    def _index(self, name):
        return int(name.rpartition("__")[2])

    def _response(self, results):
        tensors = [pb_utils.Tensor(name, result.contiguous().numpy()) for name, result in zip(self.outputs, results)]
        return pb_utils.InferenceResponse(tensors)
