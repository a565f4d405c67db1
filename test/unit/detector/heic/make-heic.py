"""Makes the HEIC files beside it: four coloured quarters, as different writers store them. Nobody is in them.

    python3 -m venv venv && venv/bin/pip install pillow-heif==1.8.1 && venv/bin/python make-heic.py
"""

import struct
from pathlib import Path

import pillow_heif
from PIL import Image

HERE = Path(__file__).parent
RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 180, 40), (40, 50, 210), (250, 250, 250)


def quarters(width=96, height=64, colours=(RED, GREEN, BLUE, WHITE)):
    """Top left, top right, bottom left, bottom right."""
    image = Image.new("RGB", (width, height))
    for i, colour in enumerate(colours):
        left, top = i % 2 * width // 2, i // 2 * height // 2
        image.paste(colour, (left, top, left + width // 2, top + height // 2))
    return image


def swapped_profile():
    """An ICC profile (version 2, matrix and gamma) whose red is sRGB's blue, and the other way round."""
    fixed = lambda *values: b"".join(struct.pack(">i", round(value * 65536)) for value in values)
    xyz = lambda *values: b"XYZ \0\0\0\0" + fixed(*values)
    text = b"swapped\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78),
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.1431, 0.0606, 0.7141),
        b"gXYZ": xyz(0.3851, 0.7169, 0.0971),
        b"bXYZ": xyz(0.4360, 0.2225, 0.0139),
        b"rTRC": b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0",
    }
    table, data = b"", b""
    start = 128 + 4 + 12 * (len(tags) + 2)
    places = {}
    for name, value in tags.items():
        value += bytes(-len(value) % 4)
        places[name] = (start + len(data), len(value))
        data += value
    places[b"gTRC"] = places[b"bTRC"] = places[b"rTRC"]
    for name, (at, size) in places.items():
        table += name + struct.pack(">II", at, size)
    body = struct.pack(">I", len(places)) + table + data
    head = struct.pack(">I4sI4s4s4s", 128 + len(body), b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + fixed(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + body


def save(name, images, **options):
    options = {"quality": 90, "chroma": "444", "enc_params": {"preset": "ultrafast"}, **options}
    heif = pillow_heif.HeifFile()
    for image in images:
        heif.add_from_pillow(image)
    heif.save(HERE / f"{name}.heic", **options)


def save_ten_bits(name, image):
    wide = b"".join(struct.pack("<H", value * 257) for value in image.tobytes())
    pillow_heif.encode("RGB;16", image.size, wide, HERE / f"{name}.heic", quality=90, chroma="444")


def with_orientation(image, orientation):
    """
    Stored so that it has to be turned to be upright: HEIF's own properties and the EXIF entry say the same, as telephones write it.
    Not 6 and 8: for these the encoder of libheif 1.23 turns the pixels the wrong way.
    """
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.info["exif"] = exif.tobytes()
    image.info["image_orientation"] = orientation
    return image


def main():
    save("plain", [quarters()])
    save("subsampled", [quarters()], chroma="420")
    save("grey", [quarters().convert("L")])
    save_ten_bits("ten-bit", quarters())
    half = quarters(colours=[RED] * 4)
    half.putalpha(128)
    save("alpha", [half])
    save("second-is-primary", [quarters(colours=[WHITE] * 4), quarters()], primary_index=1)
    profiled = quarters()
    profiled.info["icc_profile"] = swapped_profile()
    save("profile", [profiled])
    save("grid", [quarters(192, 128)], tile_size=64)
    save("flat", [Image.new("RGB", (4000, 3000), RED)], quality=50, chroma="420")
    for name, orientation in {"mirrored": 2, "turned": 3, "turned-and-mirrored": 5}.items():
        save(name, [with_orientation(quarters(), orientation)])


if __name__ == "__main__":
    main()
