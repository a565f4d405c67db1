"""Writes facenet-golden.json beside this file: what facenet-pytorch 2.5.3's InceptionResnetV1 answers with seeded weights.

    python3 -m venv --system-site-packages venv    # a Python that has torch (1.13 was used)
    venv/bin/pip install "numpy<2" pillow requests tqdm && venv/bin/pip install --no-deps facenet-pytorch==2.5.3
    venv/bin/python make-facenet-golden.py

Weights and pixels come from a linear congruential generator that triton/build/networks/seeded-weights.ts and lcg-pixels.ts repeat;
`weights_sha256` is the sum of the weights' little-endian float32 bytes, in the order of the state dict, counters left out. The
network runs in float64.
"""

import hashlib
import json
from pathlib import Path

import numpy
import torch
from facenet_pytorch.models.inception_resnet_v1 import InceptionResnetV1

SEED = 20180402
SIDE = 160


def states(seed, count):
    """The generator's first `count` states: s(n) = a^n s(0) + c (1 + a + ... + a^(n-1)), modulo 2^32."""
    powers = numpy.cumprod(numpy.full(count, 1664525, dtype=numpy.uint32), dtype=numpy.uint32)
    sums = numpy.cumsum(numpy.concatenate([[1], powers[:-1]]).astype(numpy.uint32), dtype=numpy.uint32)
    return powers * numpy.uint32(seed) + sums * numpy.uint32(1013904223)


def seeded(state_dict):
    names = [name for name in state_dict if not name.endswith("num_batches_tracked")]
    units = (states(SEED, sum(state_dict[name].numel() for name in names)) >> 8) / 2.0**23 - 1
    weights, at = {}, 0
    for name in names:
        shape = state_dict[name].shape
        values = units[at : at + shape.numel()]
        at += shape.numel()
        if len(shape) > 1:
            values = values * numpy.sqrt(6 / (shape.numel() / shape[0]))
        elif name.endswith("running_var") or (name.endswith(".weight") and "bn" in name.split(".")[-2]):
            values = 1 + values * 0.5
        else:
            values = values * 0.25
        weights[name] = torch.from_numpy(values.astype(numpy.float32)).reshape(shape)
    return weights


def main():
    network = InceptionResnetV1().eval()
    weights = seeded(network.state_dict())
    digest = hashlib.sha256()
    for tensor in weights.values():
        digest.update(tensor.numpy().astype("<f4").tobytes())
    network.load_state_dict(weights, strict=False)
    network.double()
    pixels = numpy.concatenate([states(seed, 3 * SIDE * SIDE) >> 24 for seed in (1, 2)])
    crops = torch.from_numpy(pixels.astype(numpy.float64)).reshape(2, 3, SIDE, SIDE)
    # The second crop is a slope of light over its noise, so that the two differ by more than noise.
    crops[1] = crops[1] * torch.arange(SIDE, dtype=torch.float64).div(SIDE - 1)
    crops[1] = crops[1].floor()
    with torch.no_grad():
        embeddings = network((crops - 127.5) / 128.0)
    golden = {
        "seed": SEED,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "tensors": [[name, list(tensor.shape)] for name, tensor in weights.items()],
        "weights_sha256": digest.hexdigest(),
        "embeddings": [[round(value, 7) for value in row] for row in embeddings.tolist()],
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in golden.items()]
    Path(__file__).with_name("facenet-golden.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


main()
