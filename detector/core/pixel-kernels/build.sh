#!/bin/bash
# build.sh: makes kernels.ts out of pixel-kernels.c. Needs clang with its WebAssembly target and wasm-ld (Debian: clang, lld).
set -euo pipefail
cd "$(dirname "$0")"
binary="$(mktemp)"
trap 'rm -f "$binary"' EXIT

# constant NAME [FLAG...]: the module as a constant of kernels.ts.
constant() {
  clang --target=wasm32 -O3 -msimd128 -mnontrapping-fptoint -nostdlib -ffreestanding "${@:2}" -Wl,--no-entry,--strip-all,--import-memory,-z,stack-size=16,--initial-memory=65536 -o "$binary" pixel-kernels.c
  echo "export const $1 ="
  echo "  '$(base64 -w 0 "$binary")';"
}

{
  echo '// Made from pixel-kernels.c by `npm run kernels`; do not edit. WebAssembly in base64.'
  constant kernels
  echo
  echo '/** The same for memory that threads share. */'
  constant sharedKernels -matomics -mbulk-memory -Wl,--shared-memory,--max-memory=268435456
} > kernels.ts
