#!/bin/bash
# install.sh DIR: pillow-heif, which encodes HEIC, from PyPI (40 MB). Then: DIR/venv/bin/python encode.py FROM TO
set -euo pipefail
python3 -m venv --clear "$1/venv"
"$1/venv/bin/pip" --disable-pip-version-check -q install pillow-heif==1.8.1
