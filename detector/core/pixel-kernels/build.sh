#!/bin/bash
# build.sh: makes kernels.ts out of pixel-kernels.c.
set -euo pipefail
cd "$(dirname "$0")"
source ../kernel-constant.sh

{
  echo '// Made from pixel-kernels.c by `npm run kernels`; do not edit. WebAssembly in base64.'
  constant pixel-kernels.c kernels
  echo
  echo '/** The same for memory that threads share. */'
  constant pixel-kernels.c sharedKernels -matomics -mbulk-memory -Wl,--shared-memory,--max-memory=268435456
} > kernels.ts
