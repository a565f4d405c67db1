#!/bin/bash
# build.sh: makes kernels.ts out of vector-kernels.c. Needs clang with its WebAssembly target and wasm-ld (Debian: clang, lld).
set -euo pipefail
cd "$(dirname "$0")"
binary="$(mktemp)"
trap 'rm -f "$binary"' EXIT
clang --target=wasm32 -O3 -msimd128 -nostdlib -ffreestanding -Wl,--no-entry,--strip-all,--import-memory,-z,stack-size=16,--initial-memory=65536 -o "$binary" vector-kernels.c
{
  echo '// Made from vector-kernels.c by `npm run kernels`; do not edit. WebAssembly in base64.'
  echo 'export const kernels ='
  echo "  '$(base64 -w 0 "$binary")';"
} > kernels.ts
