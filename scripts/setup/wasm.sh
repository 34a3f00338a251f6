# shellcheck shell=bash
# The standard library for WebAssembly: rustup's, else one built here from
# Debian's sources (env.sh and build.sh then use the compiler it belongs to).

setup_wasm() {
  setup_rust
  rust_has_wasm && return
  [ -f "$WASM_RUST/complete" ] && return
  if command -v rustup >/dev/null; then
    note_install "the wasm32-unknown-unknown library" rustup "bindings-wasm is compiled for it"
    if limit 180 rustup target add wasm32-unknown-unknown </dev/null >"$TOOLS/log/rustup.log" 2>&1 && rust_has_wasm; then
      return
    fi
    note "rustup cannot add it (see .tools/log/rustup.log): building it from Debian's sources instead"
  fi
  build_wasm_rust \
    || die "no Rust library for wasm32-unknown-unknown" "run \`rustup target add wasm32-unknown-unknown\` where there is a network, then try again"
}

build_wasm_rust() {
  local lld
  lld=$(find "$(rustc --print sysroot)/lib/rustlib" -name rust-lld -type f | head -n 1)
  [ -n "$lld" ] || { note "there is no rust-lld in this toolchain"; return 1; }
  apt_install "Debian's Rust brings the sources of the library" rustc-web cargo-web rust-web-src || return 1
  step "build the WebAssembly library (once, about two minutes)" scripts/wasm-sysroot.sh "$WASM_RUST" "$lld"
}
