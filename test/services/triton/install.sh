#!/bin/bash
# install.sh DIR: a real NVIDIA Triton 2.51.0 for CPU from PyPI (315 MB). Then: DIR/run.sh REPOSITORY [flags of tritonserver].
# The wheel carries only the Python backend; backends/onnxruntime is a backend written in Python that bears the name of
# NVIDIA's, so that a repository which says backend: "onnxruntime" is served unchanged.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)
python3 -m venv --clear "$dir/venv"
pip() { "$dir/venv/bin/pip" --disable-pip-version-check -q install "$@"; }
ask() { "$dir/venv/bin/python" -c "import sys, sysconfig; print($1)"; }
# numpy 1: the backend's stub was compiled against it, and with numpy 2 it sends every output with no bytes in it.
pip 'numpy<2' onnxruntime==1.31.1
# --no-deps: only the server is wanted, not what the wheel's Python API needs.
pip --no-deps nvidia-pytriton==0.7.0
version=$(ask '"%d.%d" % sys.version_info[:2]')
packages=$(ask 'sysconfig.get_path("purelib")')
libraries=$packages/nvidia_pytriton.libs:$(ask 'sysconfig.get_config_var("LIBDIR") or ""')
triton=$packages/pytriton/tritonserver
stub=$triton/python_backend_stubs/$version/triton_python_backend_stub
if [ ! -f "$stub" ]; then
  echo "nvidia-pytriton carries no Python backend for Python $version" >&2
  exit 1
fi
if LD_LIBRARY_PATH="$libraries" ldd "$stub" | grep "not found" >&2; then
  echo "the Python backend misses a shared library; on Debian: apt-get install libpython$version" >&2
  exit 1
fi
cp "$stub" "$triton/backends/python/"
cp -r "$here/backends/." "$triton/backends/"
cat > "$dir/run.sh" <<EOF
#!/bin/bash
# The embedded Python finds the virtual environment by PATH.
export PATH="$dir/venv/bin:\$PATH" LD_LIBRARY_PATH="$libraries"
exec "$triton/bin/tritonserver" --backend-directory="$triton/backends" --model-repository="\$@"
EOF
chmod +x "$dir/run.sh"
