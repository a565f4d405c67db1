#!/bin/bash
# install.sh DIR TRITON: facenet-pytorch 2.5.3 on Debian's torch in DIR, and proof that the Triton in TRITON can load that torch too.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
"$here/../../bench/install-peer.sh" "$1"
"$1/bin/python" -c 'import facenet_pytorch'
# As backends/pytorch does it; a Python of another version than Debian's cannot.
"$2/venv/bin/python" -c 'import sys; sys.path.append("/usr/lib/python3/dist-packages"); import torch'
