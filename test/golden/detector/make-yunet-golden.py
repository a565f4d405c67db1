"""Writes yunet-golden.json beside this file: what OpenCV's FaceDetectorYN finds with the same YuNet in parts of sample photos.

    python3 -m venv venv && venv/bin/pip install "opencv-python-headless==4.11.0.86" "onnx<1.18" "numpy<2"
    venv/bin/python make-yunet-golden.py YUNET_ONNX PHOTOS    # yunet_n_dynamic.onnx; node_modules/@vladmandic/face-api/demo

The parts are cut at full resolution, so that no resizing comes between the two. OpenCV reads no input of free size: it gets a copy
of the file whose input has the size of the part, padded to multiples of 32.
"""

import json
import sys
from pathlib import Path

import cv2
import numpy
import onnx

PARTS = [
    # photo, left, top, width, height; the last is no multiple of 32
    ("sample1.jpg", 640, 320, 640, 512),
    ("sample4.jpg", 160, 32, 1376, 480),
    ("sample5.jpg", 301, 77, 1001, 715),
]
SCORE, OVERLAP, MOST = 0.7, 0.3, 5000


def of_size(model, width, height):
    copy = onnx.load(model)
    sizes = [1, 3, -(-height // 32) * 32, -(-width // 32) * 32]
    for dimension, size in zip(copy.graph.input[0].type.tensor_type.shape.dim, sizes):
        dimension.dim_value = size
    del copy.graph.value_info[:]
    return numpy.frombuffer(copy.SerializeToString(), dtype=numpy.uint8)


def main(model, photos):
    parts = []
    for photo, left, top, width, height in PARTS:
        image = cv2.imread(str(Path(photos) / photo))[top : top + height, left : left + width]
        detector = cv2.FaceDetectorYN.create(
            "onnx", of_size(model, width, height), numpy.zeros(0, numpy.uint8), (width, height), SCORE, OVERLAP, MOST
        )
        _, faces = detector.detect(image)
        parts.append(
            {
                "photo": photo,
                "region": {"left": left, "top": top, "width": width, "height": height},
                "faces": [
                    {
                        "box": [round(float(v), 3) for v in (x, y, x + w, y + h)],
                        "landmarks": [round(float(v), 3) for v in points],
                        "score": round(float(score), 5),
                    }
                    for x, y, w, h, *points, score in faces
                ],
            }
        )
    target = Path(__file__).with_name("yunet-golden.json")
    target.write_text("[\n" + ",\n".join(json.dumps(part) for part in parts) + "\n]\n")


main(*sys.argv[1:])
