#!/bin/bash
# build.sh: makes kernels.ts out of vector-kernels.c.
set -euo pipefail
cd "$(dirname "$0")"
source ../../../detector/core/kernel-constant.sh

{
  echo '// Made from vector-kernels.c by `npm run kernels`; do not edit. WebAssembly in base64.'
  constant vector-kernels.c kernels
} > kernels.ts
