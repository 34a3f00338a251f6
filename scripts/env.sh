# shellcheck shell=bash disable=SC2034
# Sourced by every script: where things are and which tools are meant.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TOOLS=$ROOT/.tools
VENV=$TOOLS/venv
WASM_RUST=$TOOLS/wasm-rust
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
cd "$ROOT" || exit 1

# rustup's own place, for shells that have not read its profile line. A bare
# tilde works where HOME is not set, too.
if ! command -v cargo >/dev/null; then
  home=~
  PATH=${CARGO_HOME:-$home/.cargo}/bin:$PATH
  export PATH
fi

# Written by setup when the pinned toolchain cannot be had.
if [ -z "${RUSTUP_TOOLCHAIN:-}" ] && [ -f "$TOOLS/rust-toolchain" ]; then
  RUSTUP_TOOLCHAIN=$(cat "$TOOLS/rust-toolchain")
  export RUSTUP_TOOLCHAIN
fi

# environment_of DIR: prints where the Python packages of DIR/requirements.txt are.
environment_of() { printf '%s/venv-%s' "$TOOLS" "$(printf '%s' "$1" | tr / -)"; }

# Prints the browser to use; fails when there is none.
find_chromium() {
  local name
  if [ -n "${CHROMIUM:-}" ]; then
    command -v "$CHROMIUM"
    return
  fi
  for name in chromium chromium-browser google-chrome google-chrome-stable \
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'; do
    command -v "$name" && return
  done
  return 1
}

# Fails when the active compiler has no standard library for WebAssembly.
rust_has_wasm() {
  [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib" ]
}

# Prints the SHA-256 of standard input.
sha256() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# limit SECONDS COMMAND...: runs the command, but not for longer than that.
limit() {
  local seconds=$1
  shift
  if command -v timeout >/dev/null; then
    timeout --foreground --kill-after=10 "$seconds" "$@"
  else
    "$@"
  fi
}
