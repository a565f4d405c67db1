"""Asks a Triton by NVIDIA's own Python clients and writes what each case gave as JSON, to be compared between two servers.

    python ask.py --list
    python ask.py --grpc HOST:PORT --http HOST:PORT

A case gives a value, or is refused by the server (`status` and `message` as the client shows them). Where something was asserted
and did not hold, or the client itself failed, it says `failed`: no server may do that.
"""

import argparse
import json
import traceback

from tritonclient.utils import InferenceServerException

import cases_control
import cases_grpc
import cases_http
import cases_infer
from clients import GrpcTriton, HttpTriton

EVERY_CLIENT = {**cases_infer.CASES, **cases_control.CASES}
CASES = {
    **{f"grpc: {name}": (GrpcTriton, case) for name, case in {**EVERY_CLIENT, **cases_grpc.CASES}.items()},
    **{f"http: {name}": (HttpTriton, case) for name, case in {**EVERY_CLIENT, **cases_http.CASES}.items()},
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--grpc")
    parser.add_argument("--http")
    args = parser.parse_args()
    if args.list:
        print(json.dumps(list(CASES)))
        return
    addresses = {GrpcTriton: args.grpc, HttpTriton: args.http}
    print(json.dumps({name: outcome(case, kind, addresses[kind]) for name, (kind, case) in CASES.items()}))


def outcome(case, kind, address):
    """Each case has a client of its own: one that broke its connection leaves the next alone."""
    triton = kind(address)
    try:
        return {"value": case(triton)}
    except InferenceServerException as error:
        return {"refused": {"status": error.status(), "message": error.message()}}
    except Exception:
        return {"failed": traceback.format_exc()}
    finally:
        triton.client.close()


if __name__ == "__main__":
    main()
