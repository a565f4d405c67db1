#!/bin/bash
# install.sh DIR: NVIDIA's Python clients from PyPI (190 MB). Then: DIR/venv/bin/python ask.py …
set -euo pipefail
python3 -m venv --clear "$1/venv"
"$1/venv/bin/pip" --disable-pip-version-check -q install 'tritonclient[grpc,http]==2.73.0'
