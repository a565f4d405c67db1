"""NVIDIA's two clients behind what they have in common, so that one case can be asked by either."""

import numpy as np
import tritonclient.grpc
import tritonclient.http


class GrpcTriton:
    module = tritonclient.grpc

    def __init__(self, address):
        self.client = self.module.InferenceServerClient(address)

    def input(self, name, array, datatype, **_):
        tensor = self.module.InferInput(name, list(array.shape), datatype)
        tensor.set_data_from_numpy(array)
        return tensor

    def output(self, name, class_count=0, **_):
        return self.module.InferRequestedOutput(name, class_count=class_count)

    def ask(self, method, *args, **kwargs):
        """The answer of any call but an inference, as JSON has it."""
        return getattr(self.client, method)(*args, as_json=True, **kwargs)

    def compressed(self, algorithm):
        return {"compression_algorithm": algorithm}


class HttpTriton:
    module = tritonclient.http

    def __init__(self, address):
        self.client = self.module.InferenceServerClient(address, network_timeout=60)

    def input(self, name, array, datatype, binary=True):
        tensor = self.module.InferInput(name, list(array.shape), datatype)
        tensor.set_data_from_numpy(array, binary_data=binary)
        return tensor

    def output(self, name, class_count=0, binary=True):
        return self.module.InferRequestedOutput(name, binary_data=binary, class_count=class_count)

    def ask(self, method, *args, **kwargs):
        return getattr(self.client, method)(*args, **kwargs)

    def compressed(self, algorithm):
        return {"request_compression_algorithm": algorithm, "response_compression_algorithm": algorithm}


def row(*values):
    return np.array([values], dtype=np.float32)


def as_json(result, name):
    """An output, bit for bit."""
    array = result.as_numpy(name)
    # BYTES come as bytes, but out of JSON as text.
    texts = [item.encode() if isinstance(item, str) else item for item in array.ravel()] if array.dtype == object else None
    items = array.tobytes().hex() if texts is None else [text.hex() for text in texts]
    return {"shape": list(array.shape), "type": str(array.dtype), "data": items}
