"""A hook of schemathesis that adds requests with a photo in which there are faces, in every form.

What it generates by itself is noise and blank pictures, and no reply to those ever holds a face.
"""

import base64
import itertools
import json
import os

import schemathesis
from schemathesis.transport.serialization import Binary

with open(os.environ["FACE_ID_TEST_PHOTO"], "rb") as file:
    photo = file.read()
image = {"image": base64.b64encode(photo).decode()}
# Cut off: the decoder has to see a broken picture too.
broken = {"image": base64.b64encode(photo[: len(photo) // 2]).decode()}

images = [
    ("application/json", image),
    ("application/json", broken),
    ("multipart/form-data", {"image": Binary(photo)}),
    ("image/jpeg", Binary(photo)),
    ("application/octet-stream", Binary(photo)),
]
bodies = {
    "infer": images,
    "embeddings": images,
    "detect": images,
    "crop": images,
    "generate": [("application/json", {"id": person, "images": [image, broken]}) for person in (2576, "ada")],
    "verify": [
        ("application/json", {"source_image": one["image"], "target_image": other["image"]})
        for one, other in itertools.product((image, broken), repeat=2)
    ],
}
queries = {
    "infer": [{}, {"top_k": 3, "embeddings": "true"}, {"format": "arrays"}, {"max_faces": 1, "fmr": 0.01}, {"by": "person"}],
    "embeddings": [{}, {"max_side": 0, "min_face_size": 12}],
    "detect": [{}, {"crop": "dlib_150"}],
    "generate": [{}, {"mode": "append"}, {"faces": "single", "legacy": "true"}],
    "verify": [{}, {"threshold": 0.2}],
}


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text.encode(errors="replace")


@schemathesis.hook
def before_add_examples(context, examples):
    operation = context.operation
    name = operation.definition.raw["operationId"]
    for (media_type, body), query in itertools.product(bodies.get(name, []), queries.get(name, [{}])):
        examples.append(operation.Case(media_type=media_type, body=body, query=query))
