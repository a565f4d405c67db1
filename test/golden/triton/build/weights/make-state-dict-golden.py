"""Writes state-dict-golden.json beside this file: state dicts as torch.save writes them in both of its formats, with their values.

    python3 make-state-dict-golden.py    # a Python that has torch (1.13 was used)
"""

import base64
import io
import json
from collections import OrderedDict
from pathlib import Path

import torch


def saved(state, zipped):
    file = io.BytesIO()
    torch.save(state, file, _use_new_zipfile_serialization=zipped)
    return base64.b64encode(file.getvalue()).decode()


def main():
    torch.manual_seed(1)
    layers = torch.nn.Sequential(torch.nn.Conv2d(2, 3, (2, 1)), torch.nn.BatchNorm2d(3), torch.nn.PReLU(3))
    both = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 8
    views = OrderedDict(transposed=both.t(), row=both[1], corner=both[1:, 2:], scalar=both[2, 3], empty=both[:0])
    cases = [
        {
            "name": f"{name}, {'zip' if zipped else 'legacy'} format",
            "file": saved(state, zipped),
            "tensors": {key: {"shape": list(value.shape), "data": value.flatten().tolist()} for key, value in state.items()},
        }
        for name, state in {"layers": layers.state_dict(), "views": views}.items()
        for zipped in (False, True)
    ]
    target = Path(__file__).with_name("state-dict-golden.json")
    target.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
