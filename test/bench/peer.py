"""facenet-pytorch on the sample photos: milliseconds to detect and to embed, and the faces found. Prints one JSON object.

peer.py PHOTO... : MTCNN(keep_all, min_face_size 20) and InceptionResnetV1 with random weights (the work is the same).
"""
import json
import os
import platform
import statistics
import sys
import time

import torch
from facenet_pytorch import MTCNN, InceptionResnetV1, __file__ as package
from PIL import Image

rounds = 5


def timed(work):
    began = time.perf_counter()
    result = work()
    return (time.perf_counter() - began) * 1000, result


torch.set_num_threads(os.cpu_count())
torch.manual_seed(1)
mtcnn = MTCNN(keep_all=True, min_face_size=20, image_size=160, margin=0, post_process=True)
net = InceptionResnetV1(pretrained=None).eval()
rows = []
with torch.no_grad():
    for path in sys.argv[1:]:
        attempts = []
        for attempt in range(rounds + 1):
            decode, image = timed(lambda: Image.open(path).convert('RGB'))
            detect, (boxes, probabilities, _) = timed(lambda: mtcnn.detect(image, landmarks=True))
            crop, faces = timed(lambda: mtcnn.extract(image, boxes, None))
            embed, _ = timed(lambda: net(faces))
            attempts.append({'decode': decode, 'detect': detect, 'crop': crop, 'embed': embed, 'whole': decode + detect + crop + embed})
        # The first round warms up.
        median = {stage: statistics.median(a[stage] for a in attempts[1:]) for stage in attempts[0]}
        faces = [{'box': list(map(float, b)), 'probability': float(p)} for b, p in zip(boxes, probabilities)]
        rows.append({'photo': path, 'ms': median, 'faces': faces})
print(json.dumps({'torch': torch.__version__, 'python': platform.python_version(), 'threads': torch.get_num_threads(), 'photos': rows}))
