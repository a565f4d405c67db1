#!/bin/bash
# install.sh DIR: schemathesis from PyPI (30 MB). Then: DIR/venv/bin/st run URL/openapi.json
set -euo pipefail
python3 -m venv --clear "$1/venv"
"$1/venv/bin/pip" --disable-pip-version-check -q install schemathesis==4.32.5
