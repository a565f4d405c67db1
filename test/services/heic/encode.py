"""encode.py FROM TO [WIDTH]: a photo as HEIC, in tiles of 512 pixels as telephones write it, scaled to WIDTH pixels where given."""

import sys

import pillow_heif
from PIL import Image

source, target, *width = sys.argv[1:]
photo = Image.open(source).convert("RGB")
if width:
    photo = photo.resize((int(width[0]), round(photo.height * int(width[0]) / photo.width)), Image.Resampling.LANCZOS)
heif = pillow_heif.HeifFile()
heif.add_from_pillow(photo)
heif.save(target, quality=85, chroma="420", tile_size=512)
