#!/usr/bin/env bash
# Builds the Rust standard library for wasm32-unknown-unknown with Debian's
# compiler and lays it out so that ordinary builds can use it.
#
#   scripts/wasm-sysroot.sh DIR LLD
#
# DIR/rustc is then a compiler to name in RUSTC, DIR/rust-lld its linker. The
# unstable flags are needed here only, not by what is built with the result.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"

dir=$1
lld=$2
compiler=/usr/bin/rustc
target=wasm32-unknown-unknown
libraries=$dir/sysroot/lib/rustlib

rm -rf "$dir"
mkdir -p "$dir/build/src" "$libraries/$target/lib"

# An empty crate: cargo builds the standard library for whatever asks for it.
cat >"$dir/build/Cargo.toml" <<'TOML'
[package]
name = "empty"
version = "0.0.0"
edition = "2021"

[profile.release]
panic = "abort"

[workspace]
TOML
echo '#![no_std]' >"$dir/build/src/lib.rs"

# Bitcode is embedded because bindings-wasm is built with LTO. No toolchain of
# rustup may answer for the two commands, hence the full paths and no override.
(
  cd "$dir/build"
  env -u RUSTUP_TOOLCHAIN -u CARGO_TARGET_DIR RUSTC="$compiler" RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$lld" \
    /usr/bin/cargo build --release --target "$target" -Z build-std=std,panic_abort --target-dir target
)

for library in "$dir/build/target/$target"/release/deps/lib*.rlib; do
  case $library in
    */libempty-*) ;;
    *) cp "$library" "$libraries/$target/lib/" ;;
  esac
done
rm -rf "$dir/build"

# Procedural macros run on this machine and need its own library.
host=$("$compiler" --version --verbose | sed -n 's/^host: //p')
ln -s "$("$compiler" --print sysroot)/lib/rustlib/$host" "$libraries/$host"
ln -s "$lld" "$dir/rust-lld"

cat >"$dir/rustc" <<SH
#!/bin/sh
# Debian's compiler; for WebAssembly, with the library beside this file.
case " \$* " in
  *" --target $target "* | *" --target=$target "*) exec $compiler --sysroot "\$(dirname "\$0")/sysroot" "\$@" ;;
  *) exec $compiler "\$@" ;;
esac
SH
chmod +x "$dir/rustc"

# Cargo does not see that a library of the same compiler was built anew.
rm -rf "${TARGET:?}/$target"
touch "$dir/complete"
