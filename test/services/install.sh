#!/bin/bash
# What the services' tests need from the system's packages. Does nothing where it is there, or where this is not root on Debian.
set -euo pipefail
version=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
# NVIDIA's Python backend links libpython as a shared library; a Python that is not Debian's may have none.
if ldconfig -p | grep -q "libpython$version.so"; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  apt-get install -y -qq "libpython$version" > /dev/null || { apt-get update -qq && apt-get install -y -qq "libpython$version" > /dev/null; }
fi
