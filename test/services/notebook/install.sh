#!/bin/bash
# install.sh DIR: nbconvert from PyPI (65 MB) and tslab, Jupyter's kernel for TypeScript, from npm (90 MB).
# Then: JUPYTER_PATH=DIR/share/jupyter DIR/venv/bin/jupyter-nbconvert --execute …
set -euo pipefail
python3 -m venv --clear "$1/venv"
"$1/venv/bin/pip" --disable-pip-version-check -q install nbconvert==7.17.2 jupyter-client==8.10.0
# zeromq brings its binaries along; nothing has to be built.
npm install --prefix "$1" --no-save --ignore-scripts --no-audit --no-fund --loglevel=error tslab@1.0.22
kernel="$1/share/jupyter/kernels/tslab"
mkdir -p "$kernel"
cat > "$kernel/kernel.json" << JSON
{
  "argv": ["node", "$1/node_modules/tslab/bin/tslab", "kernel", "--config-path", "{connection_file}"],
  "display_name": "TypeScript",
  "language": "typescript"
}
JSON
