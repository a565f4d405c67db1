"""Health, descriptions, statistics, settings, shared memory and model control, by either client."""

import base64
import json
import time

from tritonclient.utils import InferenceServerException

from cases_infer import identity
from clients import row

OVERRIDE = {
    "backend": "onnxruntime",
    "max_batch_size": 2,
    "input": [{"name": "INPUT0", "data_type": "TYPE_FP32", "dims": [4]}],
    "output": [{"name": "OUTPUT0", "data_type": "TYPE_FP32", "dims": [4]}],
}


def readiness(triton):
    ready = triton.client.is_model_ready
    models = {name: ready(name) for name in ("identity", "broken", "badcfg", "nope", "")}
    versions = {version: ready("plain", version) for version in ("1", "2", "3")}
    return {"live": triton.client.is_server_live(), "models": models, "versions": versions}


def server_metadata(triton):
    """The version is the server's own."""
    return {**triton.ask("get_server_metadata"), "version": ""}


def config(name, version=""):
    """Without `runtime`, which says how NVIDIA's server loads the stand-in for its backend."""

    def case(triton):
        answer = triton.ask("get_model_config", name, version)
        config = answer.get("config", answer)
        return {key: value for key, value in config.items() if key != "runtime"}

    return case


def statistics(triton):
    """Three batches of two, one of one and a refused one of model `counted`, which nobody else asks. No durations."""
    ask = lambda array: triton.client.infer("counted", [triton.input("IN", array, "FP32")])
    before = successes(triton)
    for rows in (2, 2, 2, 1):
        ask(row(*range(4)).repeat(rows, axis=0))
    try:
        ask(row(*range(4))[0])
    except InferenceServerException:
        pass
    while successes(triton) < before + 4:  # a real Triton counts a request after its answer has gone out
        time.sleep(0.02)
    (found,) = triton.ask("get_inference_statistics", "counted")["model_stats"]
    counts = {name: number(value, "count") for name, value in found["inference_stats"].items()}
    took = {name: number(value, "ns") > 0 for name, value in found["inference_stats"].items()}
    batches = {number(batch, "batch_size"): number(batch["compute_infer"], "count") for batch in found["batch_stats"]}
    assert number(found, "last_inference") > 1.7e12, found
    totals = {key: number(found, key) for key in ("inference_count", "execution_count")}
    return {**totals, "counts": counts, "took": took, "batches": batches}


def successes(triton):
    (found,) = triton.ask("get_inference_statistics", "counted")["model_stats"]
    return number(found["inference_stats"]["success"], "count")


def number(message, key):
    """gRPC's JSON leaves zeros out and writes 64 bits as text."""
    return int(message.get(key, 0))


def statistics_of_all(triton):
    return sorted(f"{model['name']} {model['version']}" for model in triton.ask("get_inference_statistics")["model_stats"])


def index(triton):
    """The reason is the runtime's own text where a model's file is broken."""
    answer = triton.ask("get_model_repository_index")
    models = answer["models"] if isinstance(answer, dict) else answer
    return sorted(" ".join([m["name"], m.get("version", "-"), m.get("state", "-")]) for m in models)


def reload(triton, **kwargs):
    triton.client.load_model("spare", **kwargs)
    return config("spare")(triton)


def unload(triton):
    triton.client.unload_model("spare")
    while "spare 1 UNLOADING" in index(triton):
        pass
    ready = triton.client.is_model_ready("spare")
    return {"ready": ready, "index": [line for line in index(triton) if line.startswith("spare")]}


def infer_unloaded(triton):
    unload(triton)
    return identity(triton, model="spare")


def load_again(triton):
    unload(triton)
    reload(triton)
    return identity(triton, model="spare")


def override(triton):
    before = reload(triton)["max_batch_size"]
    during = reload(triton, config=json.dumps(OVERRIDE))["max_batch_size"]
    unload(triton)
    after = reload(triton)["max_batch_size"]
    return {"before": before, "during": during, "after": after}


def refuse_by_override(triton):
    reload(triton, config=json.dumps(OVERRIDE))
    try:
        return identity(triton, row(*range(4)).repeat(3, axis=0), model="spare")
    finally:
        load_again(triton)


def logging(triton):
    before = triton.ask("get_log_settings")
    triton.ask("update_log_settings", settings={"log_warning": True, "log_verbose_level": 0})
    assert triton.ask("get_log_settings") == before
    return before


def register_memory(triton):
    triton.client.register_system_shared_memory("mine", "/no_such_key", 64)


def register_cuda_memory(triton):
    triton.client.register_cuda_shared_memory("mine", base64.b64encode(bytes(64)), 0, 64)


CASES = {
    "health": readiness,
    "server ready, with broken models in the repository that nobody loaded": lambda triton: triton.client.is_server_ready(),
    "refuses readiness of a version that is no number": lambda triton: triton.client.is_model_ready("identity", "abc"),
    "server metadata": server_metadata,
    "metadata of a model": lambda triton: triton.ask("get_model_metadata", "two"),
    "metadata of a model without batches": lambda triton: triton.ask("get_model_metadata", "plain"),
    "metadata of a version": lambda triton: triton.ask("get_model_metadata", "plain", "1"),
    "refuses metadata of an unknown model": lambda triton: triton.ask("get_model_metadata", "nope"),
    "refuses metadata of an unknown version": lambda triton: triton.ask("get_model_metadata", "identity", "9"),
    "config": config("identity"),
    "config of a model without batches": config("plain", "3"),
    "config with a queue policy": config("queued"),
    "refuses config of an unknown model": config("nope"),
    "statistics": statistics,
    "statistics of all models": statistics_of_all,
    "refuses statistics of an unknown model": lambda triton: triton.ask("get_inference_statistics", "nope"),
    "refuses statistics of an unknown version": lambda triton: triton.ask("get_inference_statistics", "identity", "9"),
    "index": index,
    "load again": reload,
    "unload": unload,
    "refuses to infer by what is unloaded": infer_unloaded,
    "load what was unloaded": load_again,
    "load with another config": override,
    "that config counts": refuse_by_override,
    "unload an unknown model": lambda triton: triton.client.unload_model("nope"),
    "refuses to load an unknown model": lambda triton: triton.client.load_model("nope"),
    "refuses to load a model whose config cannot be read": lambda triton: triton.client.load_model("badcfg"),
    "refuses a config that is no JSON": lambda triton: triton.client.load_model("spare", config="{"),
    "log settings": logging,
    "trace settings": lambda triton: triton.ask("get_trace_settings"),
    "trace settings of a model": lambda triton: triton.ask("get_trace_settings", "identity"),
    "system shared memory: none": lambda triton: triton.ask("get_system_shared_memory_status"),
    "cuda shared memory: none": lambda triton: triton.ask("get_cuda_shared_memory_status"),
    "refuses to register system shared memory": register_memory,
    "refuses to register cuda shared memory": register_cuda_memory,
    "unregister memory that nobody registered": lambda triton: triton.client.unregister_system_shared_memory("nowhere"),
    "unregister all memory": lambda triton: triton.client.unregister_system_shared_memory(),
}
