"""What only the HTTP client can: tensors in JSON, bodies made by hand, asynchronous requests."""

import json

import numpy as np

from cases_infer import ARRAYS, IN_JSON, echo
from clients import as_json, row


def mixed(triton):
    """One input in JSON and one in binary, one output each way."""
    inputs = [triton.input("A", row(1, 2, 3, 4), "FP32", binary=False), triton.input("B", row(5, 6), "FP32")]
    outputs = [triton.output("SA"), triton.output("SB", binary=False)]
    result = triton.client.infer("two", inputs, outputs=outputs)
    return {name: as_json(result, name) for name in ("SA", "SB")}


def by_hand(triton):
    """The static functions that make and read bodies, around a request of another library's."""
    body, length = triton.module.InferenceServerClient.generate_request_body([triton.input("INPUT0", row(1, 2, 3, 4), "FP32")])
    headers = {"Inference-Header-Content-Length": length} if length is not None else {}
    reply = triton.client._post("v2/models/identity/infer", body, headers, None)
    content = reply.read()
    length = reply.get("Inference-Header-Content-Length")
    result = triton.module.InferenceServerClient.parse_response_body(content, header_length=length and int(length))
    return {"status": reply.status_code, "output": as_json(result, "OUTPUT0")}


def post(body, uri="v2/models/identity/infer", headers=None):
    """Status and body of a request that no client would send."""

    def case(triton):
        reply = triton.client._post(uri, body if isinstance(body, str) else json.dumps(body), headers or {}, None)
        return {"status": reply.status_code, "type": reply.get("content-type"), "body": reply.read().decode()}

    return case


def get(uri):
    def case(triton):
        reply = triton.client._get(uri, None, None)
        return {"status": reply.status_code, "type": reply.get("content-type"), "body": reply.read().decode()}

    return case


def asynchronous(triton):
    calls = [triton.client.async_infer("identity", [triton.input("INPUT0", row(n, 0, 0, 0), "FP32")]) for n in range(8)]
    return [as_json(call.get_result(), "OUTPUT0") for call in calls]


def tensor(**changes):
    return {"name": "INPUT0", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4], **changes}


BINARY = {"name": "INPUT0", "datatype": "FP32", "shape": [1, 4], "parameters": {"binary_data_size": 16}}

CASES = {
    **{f"infer {name} in JSON": echo(name, ARRAYS[name], binary=False) for name in IN_JSON},
    "infer an empty tensor in JSON": echo("INT32", np.zeros((1, 0), dtype=np.int32), binary=False),
    "infer JSON and binary together": mixed,
    "infer by the functions for bodies": by_hand,
    "asynchronous": asynchronous,
    "JSON: nested data": post({"id": "h1", "inputs": [tensor(data=[[1, 2, 3, 4]])]}),
    "JSON: parameters come back nowhere": post({"parameters": {"n": 1}, "inputs": [tensor()]}),
    "JSON: binary for all outputs": post({"parameters": {"binary_data_output": False}, "inputs": [tensor()]}),
    "refuses: no JSON": post("{"),
    "refuses: no object": post([]),
    "refuses: no inputs": post({}),
    "refuses: no body": post(""),
    "refuses: inputs that are no list": post({"inputs": {}}),
    "refuses: an input without a name": post({"inputs": [{"datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}]}),
    "refuses: an input without a shape": post({"inputs": [{"name": "INPUT0", "datatype": "FP32", "data": [1, 2, 3, 4]}]}),
    "refuses: an input without data": post({"inputs": [{"name": "INPUT0", "datatype": "FP32", "shape": [1, 4]}]}),
    "refuses: too little data": post({"inputs": [tensor(data=[1, 2, 3])]}),
    "refuses: too much data": post({"inputs": [tensor(data=[1, 2, 3, 4, 5])]}),
    "refuses: text for numbers": post({"inputs": [tensor(data=["1", "2", "3", "4"])]}),
    "refuses: an unknown datatype": post({"inputs": [tensor(datatype="FLOAT")]}),
    "refuses: a header longer than the body": post({}, headers={"Inference-Header-Content-Length": 99}),
    "refuses: binary data that is not there": post({"inputs": [BINARY]}),
    "a path that does not exist": get("nope"),
    "a method that does not exist": get("v2/models/identity/infer"),
    "health, as a probe asks": get("v2/health/live"),
    "readiness of an unknown model, as a probe asks": get("v2/models/nope/ready"),
    "refuses to load: no JSON": post("{", "v2/repository/models/spare/load"),
    "index of what is ready": post({"ready": True}, "v2/repository/index"),
}
