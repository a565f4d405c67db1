# kernel-constant.sh, for the build.sh beside each file of kernels: constant SOURCE NAME [FLAG...] prints SOURCE as WebAssembly, a
# constant of TypeScript. Needs clang with its WebAssembly target and wasm-ld (Debian: clang, lld).
constant() {
  local binary
  binary="$(mktemp)"
  clang --target=wasm32 -O3 -msimd128 -mnontrapping-fptoint -nostdlib -ffreestanding "${@:3}" -Wl,--no-entry,--strip-all,--import-memory,-z,stack-size=16,--initial-memory=65536 -o "$binary" "$1"
  echo "export const $2 ="
  echo "  '$(base64 -w 0 "$binary")';"
  rm "$binary"
}
