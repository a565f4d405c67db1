"""Writes mtcnn-golden.json beside this file: what facenet-pytorch 2.5.3's own networks answer to made-up pixels.

    python3 -m venv --system-site-packages venv    # a Python that has torch (1.13 was used)
    venv/bin/pip install "numpy<2" pillow requests tqdm && venv/bin/pip install --no-deps facenet-pytorch==2.5.3
    venv/bin/python make-mtcnn-golden.py

The pixels come from a linear congruential generator that lcg-pixels.ts repeats. The networks run in float64.
"""

import json
from pathlib import Path

import torch
from facenet_pytorch.models.mtcnn import ONet, PNet, RNet


def lcg_pixels(seed, shape):
    count = torch.Size(shape).numel()
    values, state = [], seed
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(state >> 24)
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def answer(network, classifier, pixels):
    """The tensors of our contract: logit(face) - logit(not face), then regression and landmarks, along axis 1."""
    logits = []
    handle = getattr(network, classifier).register_forward_hook(lambda _m, _i, output: logits.append(output))
    with torch.no_grad():
        *outputs, probability = network((pixels - 127.5) * 0.0078125)
    handle.remove()
    difference = logits[0][:, 1:2] - logits[0][:, 0:1]
    return torch.cat([difference, *outputs], dim=1), probability[:, 1]


def main():
    networks = {
        "pnet": (PNet().double(), "conv4_1"),
        "rnet": (RNet().double(), "dense5_1"),
        "onet": (ONet().double(), "dense6_1"),
    }
    cases = [
        ("pnet", [1, 3, 12, 12], 1),
        ("pnet", [2, 3, 17, 22], 2),
        ("pnet", [1, 3, 30, 13], 3),
        ("rnet", [3, 3, 24, 24], 4),
        ("onet", [2, 3, 48, 48], 5),
    ]
    written = []
    for name, shape, seed in cases:
        output, probability = answer(*networks[name], lcg_pixels(seed, shape))
        written.append(
            {
                "network": name,
                "shape": shape,
                "seed": seed,
                "output_shape": list(output.shape),
                "output": [round(value, 7) for value in output.flatten().tolist()],
                "probability": [round(value, 7) for value in probability.flatten().tolist()],
            }
        )
    target = Path(__file__).with_name("mtcnn-golden.json")
    target.write_text("[\n" + ",\n".join(json.dumps(case) for case in written) + "\n]\n")


main()
