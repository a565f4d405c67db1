"""Traces FaceNet to TorchScript, as NVIDIA Triton's PyTorch backend serves it: a model folder with config.pbtxt and 1/model.pt.

    pip install --no-deps facenet-pytorch==2.5.3       # beside torch, numpy, pillow and requests
    python triton/trace_model.py --weights 20180402-114759-vggface2.pt --out /srv/models/facenet

INPUT__0 FP32 [n, 3, 160, 160] are RGB planes that the caller has normalised, (pixel - 127.5) / 128; OUTPUT__0 FP32 [n, 512] has
length 1. The ONNX model of the same name takes UINT8 and normalises in its graph; the API asks Triton which of the two it serves.
"""

import argparse
from pathlib import Path

import numpy
import torch
from facenet_pytorch.models.inception_resnet_v1 import InceptionResnetV1

SIDE = 160
TOLERANCE = 1e-5
MAX_BATCH_SIZE = 16

CONFIG = """\
name: "{name}"
platform: "pytorch_libtorch"
max_batch_size: {max_batch_size}
input [ {{ name: "INPUT__0" data_type: TYPE_FP32 dims: [ 3, 160, 160 ] }} ]
output [ {{ name: "OUTPUT__0" data_type: TYPE_FP32 dims: [ 512 ] }} ]
dynamic_batching {{ max_queue_delay_microseconds: 1000 }}
"""


def main():
    parser = argparse.ArgumentParser(description="traces FaceNet (InceptionResnetV1 of facenet-pytorch) to TorchScript for Triton")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--weights", type=Path, help="state dict of facenet-pytorch, as its releases hold it")
    source.add_argument("--seeded", type=int, metavar="SEED", help="weights out of a formula: the same work, recognises nobody")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model; its name becomes the model's")
    args = parser.parse_args()
    network = InceptionResnetV1().eval()
    state = seeded_weights(network.state_dict(), args.seeded) if args.weights is None else read_weights(args.weights)
    load_weights(network, state)
    write_model(args.out, trace(network))


def read_weights(path):
    return torch.load(path, map_location="cpu")


def load_weights(network, state):
    """Batch normalisation's counters are of the training, and so is the classifier; everything else has to be there."""
    missing, unexpected = network.load_state_dict(state, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    unexpected = [name for name in unexpected if not name.startswith("logits.")]
    if missing or unexpected:
        raise SystemExit(f"weights: expected those of InceptionResnetV1, got none for {missing} and unknown {unexpected}")


def trace(network):
    """Traced on two faces and checked on three: a batch size must not be baked in."""
    generator = torch.Generator().manual_seed(0)
    two, three = (torch.randn(count, 3, SIDE, SIDE, generator=generator) for count in (2, 3))
    with torch.no_grad():
        traced = torch.jit.trace(network, two)
        difference = (traced(three) - network(three)).abs().max().item()
    if not difference < TOLERANCE:
        raise SystemExit(f"trace: expected the network's own answers within {TOLERANCE}, got a difference of {difference}")
    return traced


def write_model(folder, traced):
    version = folder / "1"
    version.mkdir(parents=True, exist_ok=True)
    traced.save(str(version / "model.pt"))
    (folder / "config.pbtxt").write_text(CONFIG.format(name=folder.resolve().name, max_batch_size=MAX_BATCH_SIZE))


def seeded_weights(state_dict, seed):
    """The weights of triton/build/networks/seeded-weights.ts, to the bit; its documentation has the formula."""
    names = [name for name in state_dict if not name.endswith("num_batches_tracked")]
    units = (lcg_states(seed, sum(state_dict[name].numel() for name in names)) >> 8) / 2.0**23 - 1
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


def lcg_states(seed, count):
    """The generator's first `count` states: s(n) = a^n s(0) + c (1 + a + ... + a^(n-1)), modulo 2^32."""
    powers = numpy.cumprod(numpy.full(count, 1664525, dtype=numpy.uint32), dtype=numpy.uint32)
    sums = numpy.cumsum(numpy.concatenate([[1], powers[:-1]]).astype(numpy.uint32), dtype=numpy.uint32)
    return powers * numpy.uint32(seed) + sums * numpy.uint32(1013904223)


if __name__ == "__main__":
    main()
