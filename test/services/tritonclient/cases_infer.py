"""Inference, by either client."""

import ml_dtypes
import numpy as np

from clients import as_json, row

ARRAYS = {
    "BOOL": np.array([[True, False, True]]),
    "UINT8": np.array([[0, 1, 255]], dtype=np.uint8),
    "UINT16": np.array([[0, 1, 65535]], dtype=np.uint16),
    "UINT32": np.array([[0, 1, 2**32 - 1]], dtype=np.uint32),
    "UINT64": np.array([[0, 1, 2**64 - 1]], dtype=np.uint64),
    "INT8": np.array([[-128, 0, 127]], dtype=np.int8),
    "INT16": np.array([[-(2**15), 0, 2**15 - 1]], dtype=np.int16),
    "INT32": np.array([[-(2**31), 0, 2**31 - 1]], dtype=np.int32),
    "INT64": np.array([[-(2**63), 0, 2**63 - 1]], dtype=np.int64),
    "FP16": np.array([[-0.0, 65504, 6e-8]], dtype=np.float16),
    "FP32": np.array([[-0.0, 3.4e38, 1e-45]], dtype=np.float32),
    "FP64": np.array([[-0.0, 1.7e308, 5e-324]], dtype=np.float64),
    "BYTES": np.array([["", "Zoë", "a\nb"]], dtype=object),
}
NOT_FINITE = {name: np.array([[np.nan, np.inf, -np.inf]], dtype=ARRAYS[name].dtype) for name in ("FP16", "FP32", "FP64")}
IN_JSON = [name for name in ARRAYS if name != "FP16"]


def echo(datatype, array, binary=True):
    """What comes back is what was sent."""

    def case(triton):
        result = triton.client.infer(
            f"id_{datatype}",
            [triton.input("IN", array, datatype, binary=binary)],
            outputs=[triton.output("OUT", binary=binary)],
        )
        got, sent = as_json(result, "OUT"), array
        assert got["shape"] == list(sent.shape), got
        if datatype == "BYTES":
            assert got["data"] == [item.encode().hex() for item in sent.ravel()], got
        else:
            assert got["data"] == sent.tobytes().hex(), got
        return got

    return case


def identity(triton, array=row(1, 2, 3, 4), datatype="FP32", name="INPUT0", model="identity", **kwargs):
    result = triton.client.infer(model, [triton.input(name, array, datatype)], **kwargs)
    response = result.get_response()
    head = {"model": "model_name", "version": "model_version", "id": "id"}
    found = {k: response.get(v, "") if isinstance(response, dict) else getattr(response, v) for k, v in head.items()}
    return {**found, "output": as_json(result, "OUTPUT0")}


def two_outputs(*wanted):
    def case(triton):
        inputs = [triton.input("A", row(1, 2, 3, 4), "FP32"), triton.input("B", row(5, 6), "FP32")]
        result = triton.client.infer("two", inputs, outputs=[triton.output(name) for name in wanted] or None)
        answered = [name for name in ("SA", "SB") if result.as_numpy(name) is not None]
        return {name: as_json(result, name) for name in answered}

    return case


def classification(triton):
    """The extension that gives the largest values with their places, as text."""
    array = np.array([[0.5, 3, -1, 2], [9, 8, 7, 6]], dtype=np.float32)
    outputs = [triton.output("OUTPUT0", class_count=2)]
    result = triton.client.infer("identity", [triton.input("INPUT0", array, "FP32")], outputs=outputs)
    return as_json(result, "OUTPUT0")


def unregistered_memory(triton):
    tensor = triton.module.InferInput("INPUT0", [1, 4], "FP32")
    tensor.set_shared_memory("nowhere", 16)
    return as_json(triton.client.infer("identity", [tensor]), "OUTPUT0")


def output_to_unregistered_memory(triton):
    output = triton.module.InferRequestedOutput("OUTPUT0")
    output.set_shared_memory("nowhere", 16)
    return identity(triton, outputs=[output])


def large(triton):
    """Ten megabytes, as 32 pictures are."""
    array = np.arange(32 * 3 * 96 * 96, dtype=np.uint32).astype(np.uint8).reshape(32, 3, 96, 96)
    result = triton.client.infer("pixels", [triton.input("INPUT__0", array, "UINT8")])
    difference = np.abs(result.as_numpy("OUTPUT__0") - array.mean(axis=(2, 3))).max()
    assert difference < 1e-3, difference


def compressed(algorithm):
    return lambda triton: identity(triton, np.zeros((8, 4), dtype=np.float32), **triton.compressed(algorithm))


CASES = {
    **{f"infer {name}": echo(name, array) for name, array in ARRAYS.items()},
    **{f"infer {name} that is not finite": echo(name, array) for name, array in NOT_FINITE.items()},
    "infer an empty tensor": echo("INT32", np.zeros((1, 0), dtype=np.int32)),
    "infer a batch": lambda triton: identity(triton, np.arange(32, dtype=np.float32).reshape(8, 4)),
    "infer with an id": lambda triton: identity(triton, request_id="a request/7"),
    "infer a version": lambda triton: identity(triton, model_version="1"),
    "infer with parameters": lambda triton: identity(triton, parameters={"flag": True, "n": 5, "trace": "t-1"}),
    "infer with a priority and a timeout": lambda triton: identity(triton, priority=1, timeout=10_000_000),
    "infer as part of a sequence, where there is none": lambda triton: identity(triton, sequence_id=5, sequence_start=True),
    "infer with metadata": lambda triton: identity(triton, headers={"x-of-mine": "1"}),
    "infer with gzip": compressed("gzip"),
    "infer with deflate": compressed("deflate"),
    "infer megabytes": large,
    "outputs: all": two_outputs(),
    "outputs: one": two_outputs("SB"),
    "outputs: in another order": two_outputs("SB", "SA"),
    "outputs: the largest values": classification,
    "refuses another shape": lambda triton: identity(triton, row(1, 2, 3)),
    "refuses another rank": lambda triton: identity(triton, np.zeros(4, dtype=np.float32)),
    "refuses too large a batch": lambda triton: identity(triton, np.zeros((9, 4), dtype=np.float32)),
    "refuses an empty batch": lambda triton: identity(triton, np.zeros((0, 4), dtype=np.float32)),
    "refuses another datatype": lambda triton: identity(triton, np.zeros((1, 4), dtype=np.int32), "INT32"),
    "refuses BF16 where FP32 is wanted": lambda triton: identity(triton, np.zeros((1, 4), dtype=ml_dtypes.bfloat16), "BF16"),
    "refuses another input": lambda triton: identity(triton, name="WRONG"),
    "refuses another output": lambda triton: identity(triton, outputs=[triton.output("NOPE")]),
    "refuses an unknown model": lambda triton: identity(triton, model="nope"),
    "refuses an unknown version": lambda triton: identity(triton, model_version="9"),
    "refuses a version that is no number": lambda triton: identity(triton, model_version="abc"),
    "refuses a reserved parameter": lambda triton: identity(triton, parameters={"triton_x": "y"}),
    "refuses shared memory that nobody registered": unregistered_memory,
    "refuses an output in such memory": output_to_unregistered_memory,
}
