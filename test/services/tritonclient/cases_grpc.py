"""What only the gRPC client can: streams, futures, deadlines."""

import queue
import threading

import numpy as np
from tritonclient.utils import InferenceServerException

from cases_infer import identity
from clients import as_json, row


def answer(result, error):
    if error is not None:
        return {"status": error.status(), "message": error.message()}
    response = result.get_response()
    parameters = {name: value.bool_param for name, value in response.parameters.items()}
    return {"id": response.id, "output": as_json(result, "OUTPUT0") if response.outputs else None, "parameters": parameters}


def stream(*requests, **options):
    """Several requests in flight on one stream; what came, by id."""

    def case(triton):
        answers = queue.Queue()
        triton.client.start_stream(lambda result, error: answers.put(answer(result, error)))
        for number, (model, array) in enumerate(requests):
            inputs = [triton.input("INPUT0", array, "FP32")]
            triton.client.async_stream_infer(model, inputs, request_id=f"s{number}", **options)
        found = [answers.get(timeout=30) for _ in requests]
        triton.client.stop_stream()
        assert answers.empty(), answers.get()
        return sorted(found, key=str)

    return case


def asynchronous(triton):
    answers = queue.Queue()
    for number in range(16):
        inputs = [triton.input("INPUT0", row(number, 0, 0, 0), "FP32")]
        callback = lambda result, error: answers.put(answer(result, error))
        triton.client.async_infer("identity", inputs, callback, request_id=str(number))
    found = [answers.get(timeout=30) for _ in range(16)]
    return sorted(found, key=lambda one: int(one["id"]))


def cancelled(triton):
    answers = queue.Queue()
    inputs = [triton.input("INPUT0", row(1, 2, 3, 4), "FP32")]
    call = triton.client.async_infer("queued", inputs, lambda result, error: answers.put(answer(result, error)))
    call.cancel()
    return answers.get(timeout=30)


def passed_deadline(triton):
    """The status alone: client and server watch the clock, each with words of its own, and either may be the first."""
    try:
        return identity(triton, model="queued", client_timeout=0.02)
    except InferenceServerException as error:
        return error.status()


def queue_policy(triton):
    """Twelve at once for a model that takes one at a time and lets three wait: some are answered, some refused in Triton's words."""
    answers = queue.Queue()

    def ask(number):
        try:
            identity(triton, model="queued", request_id="q")
            answers.put("answered")
        except InferenceServerException as error:
            answers.put(f"{error.status()} {error.message()}")

    threads = [threading.Thread(target=ask, args=[number]) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = {answers.get() for _ in threads}
    return sorted(found - {"StatusCode.UNAVAILABLE Request timeout expired"})


ROW, WRONG = row(1, 2, 3, 4), np.zeros((1, 3), dtype=np.float32)

CASES = {
    "asynchronous": asynchronous,
    "a call that is cancelled": cancelled,
    "a deadline that passes": passed_deadline,
    "a queue that is full": queue_policy,
    "stream": stream(*[("identity", row(number, 0, 0, 0)) for number in range(8)]),
    "stream with errors in it": stream(("identity", ROW), ("nope", ROW), ("identity", WRONG), ("identity", ROW)),
    "stream with final responses": stream(("identity", ROW), ("identity", ROW), enable_empty_final_response=True),
}
