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
import sys
from pathlib import Path

import numpy
import torch
from facenet_pytorch.models.inception_resnet_v1 import InceptionResnetV1

sys.path.append(str(Path(__file__).resolve().parents[5] / "triton"))
from trace_model import lcg_states, seeded_weights

SEED = 20180402
SIDE = 160


def main():
    network = InceptionResnetV1().eval()
    weights = seeded_weights(network.state_dict(), SEED)
    digest = hashlib.sha256()
    for tensor in weights.values():
        digest.update(tensor.numpy().astype("<f4").tobytes())
    network.load_state_dict(weights, strict=False)
    network.double()
    pixels = numpy.concatenate([lcg_states(seed, 3 * SIDE * SIDE) >> 24 for seed in (1, 2)])
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
