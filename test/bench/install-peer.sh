#!/bin/bash
# install-peer.sh DIR: facenet-pytorch 2.5.3 for comparison, on Debian's torch (CPU). Then: DIR/bin/python peer.py …
# Debian's torch wants numpy 1 and the system's Python; facenet-pytorch 2.6 would ask for another torch.
set -euo pipefail
if ! /usr/bin/python3 -c 'import torch, torchvision' 2> /dev/null; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo 'torch is not installed, and this is not root on Debian' >&2
    exit 1
  fi
  apt-get update -qq
  apt-get install -y -qq python3-torch python3-torchvision python3-venv > /dev/null
fi
/usr/bin/python3 -m venv --clear --system-site-packages "$1"
"$1/bin/pip" --disable-pip-version-check -q install 'numpy<2' pillow requests tqdm
"$1/bin/pip" --disable-pip-version-check -q install --no-deps facenet-pytorch==2.5.3
