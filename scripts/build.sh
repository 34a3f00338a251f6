#!/usr/bin/env bash
# Sets up what the named parts need, and builds them. A binding whose sources
# have not changed since its last build is left as it is.
#
#   scripts/build.sh PART...     parts: server, server-debug, node, python, wasm, core-alone
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
. scripts/report.sh

main() {
  local part
  [ $# -gt 0 ] || die "no part named" "parts: server, server-debug, node, python, wasm, core-alone"
  for part; do
    case $part in
      server) build_server --release ;;
      server-debug) build_server ;;
      node) build_node ;;
      python) build_python ;;
      wasm) build_wasm ;;
      core-alone) build_core_alone ;;
      *) die "unknown part \`$part\`" "parts: server, server-debug, node, python, wasm, core-alone" ;;
    esac
  done
}

build_server() {
  scripts/setup.sh rust cc
  step "build the server${*:+ (${*#--})}" cargo build --package hookseal-server "$@"
}

build_node() {
  # What it falls back to where its addon cannot be loaded.
  build_wasm
  scripts/setup.sh npm:bindings-node
  unless_built bindings-node 'bindings-node/*.node' \
    step "build the Node package" npm --prefix bindings-node run --silent build
}

build_python() {
  scripts/setup.sh rust cc python
  unless_built bindings-python "bindings-python/python/hookseal/_native*.so" \
    step "build the Python package" env VIRTUAL_ENV="$VENV" \
    "$VENV/bin/maturin" develop --release --manifest-path bindings-python/Cargo.toml
}

# In a shell of its own: the compiler that it may take is not for the others.
build_wasm() (
  scripts/setup.sh rust cc wasm npm:bindings-wasm
  use_wasm_rust
  unless_built bindings-wasm 'bindings-wasm/dist/*.wasm' \
    step "build the WebAssembly package" npm --prefix bindings-wasm run --silent build
)

build_core_alone() {
  scripts/setup.sh rust cc wasm
  use_wasm_rust
  local built=$TARGET/wasm32-unknown-unknown/release
  step "build the core alone for WebAssembly, without key pairs" \
    cargo build --package core-alone --release --target wasm32-unknown-unknown --no-default-features
  cp "$built/core_alone.wasm" "$built/core_alone.plain.wasm"
  step "build the core alone for WebAssembly" \
    cargo build --package core-alone --release --target wasm32-unknown-unknown
}

# Where rustup cannot give us the library for WebAssembly: the compiler and
# linker of scripts/wasm-sysroot.sh.
use_wasm_rust() {
  rust_has_wasm && return
  export RUSTC=$WASM_RUST/rustc
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$WASM_RUST/rust-lld
}

# unless_built DIR OUTPUT COMMAND...: runs the command when the sources of the
# package in DIR, of what it shares or the tools changed, or nothing matches OUTPUT.
unless_built() {
  local dir=$1 output=$2 stamp=$TOOLS/stamps/build-$1 wanted sources=("$1")
  shift 2
  [ "$dir" != bindings-node ] || sources+=(bindings-wasm)
  wanted=$(fingerprint "${sources[@]}")
  if compgen -G "$output" >/dev/null && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  rm -f "$stamp"
  "$@"
  echo "$wanted" >"$stamp"
}

fingerprint() {
  {
    "${RUSTC:-rustc}" --version
    echo "$ROOT ${RUSTFLAGS:-}"
    if [ "$1" = bindings-python ]; then cat "$TOOLS/stamps/python"; else cat "$TOOLS/stamps/npm-$1"; fi
    find Cargo.toml Cargo.lock rust-toolchain.toml core bindings-js "$@" \
      \( -name node_modules -o -name dist -o -name out -o -name target -o -name '__pycache__' -o -name '.*_cache' \) -prune \
      -o -type f ! -name '*.node' ! -name '*.so' ! -name '*.wasm' ! -name '*.tgz' -print0 |
      LC_ALL=C sort -z | xargs -0 cksum
  } | sha256
}

main "$@"
