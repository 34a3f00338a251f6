# shellcheck shell=bash
# The Rust toolchain: the pinned one, else any that is new enough.

RUST_LINT_PARTS=(clippy rustfmt)

setup_rust() {
  command -v cargo >/dev/null \
    || die "cargo not found" "install Rust $(msrv) or newer (https://rustup.rs), then try again"
  if command -v rustup >/dev/null && [ -z "${RUSTUP_TOOLCHAIN:-}" ]; then
    choose_toolchain
  fi
  rust_is_new_enough \
    || die "Rust $(rust_version) is too old, hookseal needs $(msrv) or newer" "run \`rustup update stable\`, then try again"
}

# The toolchain of rust-toolchain.toml, or a fallback remembered for env.sh.
choose_toolchain() {
  local pinned
  pinned=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
  has_toolchain "$pinned" && return
  note_install "Rust $pinned" rustup "rust-toolchain.toml asks for it"
  if limit 300 rustup toolchain install "$pinned" --profile minimal --no-self-update \
    "${RUST_LINT_PARTS[@]/#/--component=}" </dev/null >"$TOOLS/log/rustup.log" 2>&1; then
    return
  fi
  has_toolchain stable \
    || die "Rust $pinned cannot be installed and there is no stable toolchain either (see .tools/log/rustup.log)" \
      "run \`rustup toolchain install $pinned\` where there is a network, then try again"
  echo stable >"$TOOLS/rust-toolchain"
  export RUSTUP_TOOLCHAIN=stable
  note "Rust $pinned cannot be installed: using the stable toolchain, $(rust_version) (remove .tools/rust-toolchain to try again)"
}

# `rustup run` without --install never downloads.
has_toolchain() { RUSTUP_AUTO_INSTALL=0 rustup run "$1" rustc --version >/dev/null 2>&1; }

msrv() { sed -n 's/^rust-version *= *"\(.*\)"/\1/p' Cargo.toml; }
rust_version() { rustc --version | cut -d ' ' -f 2; }

rust_is_new_enough() {
  local have want
  IFS=. read -r -a have <<<"$(rust_version)"
  IFS=. read -r -a want <<<"$(msrv)"
  [ "${have[0]}" -gt "${want[0]}" ] || { [ "${have[0]}" -eq "${want[0]}" ] && [ "${have[1]}" -ge "${want[1]}" ]; }
}

setup_rust_lint() {
  setup_rust
  can_lint && return
  if command -v rustup >/dev/null; then
    note_install "${RUST_LINT_PARTS[*]}" rustup "\`make check\` lints and checks the format"
    limit 180 rustup component add "${RUST_LINT_PARTS[@]}" </dev/null >"$TOOLS/log/rustup.log" 2>&1 || true
  fi
  can_lint || die "clippy or rustfmt is missing" "run \`rustup component add ${RUST_LINT_PARTS[*]}\`, then try again"
}

can_lint() { cargo clippy --version >/dev/null 2>&1 && cargo fmt --version >/dev/null 2>&1; }
