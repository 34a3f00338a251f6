#!/usr/bin/env bash
# Checks everything that can be checked without running the tests: formats,
# lints, types, lockfiles, licences. Keeps going, lists what failed at the end.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
. scripts/report.sh

failures=()
try() { step "$@" || failures+=("$1"); }

# In a function: the type checks read what the builds write.
build_bindings() { scripts/build.sh node python wasm; }

python_tool() { (cd bindings-python && "$VENV/bin/python" -m "$@"); }

# A lockfile that names a host ties everybody to one registry.
lockfiles_name_no_host() {
  local found
  found=$(find . -name package-lock.json -not -path '*/node_modules/*' -not -path './target/*' \
    -exec grep -HnE '"resolved": *"https?:' {} + | head -n 5) || true
  [ -z "$found" ] && return
  echo "$found"
  echo "put omit-lockfile-registry-resolved=true into the .npmrc beside it and run \`npm install\` again"
  return 1
}

scripts/setup.sh rust-lint cc wasm node python pip:bindings-python/integration
build_bindings || failures+=("build the bindings")

try "Rust format" cargo fmt --all --check
try "format of the fuzz targets" cargo fmt --manifest-path fuzz/Cargo.toml --check
try "Cargo.lock is up to date" cargo metadata --locked --quiet --format-version 1
try "npm lockfiles name no host" lockfiles_name_no_host
try "clippy" cargo clippy --quiet --workspace --all-targets -- --deny warnings
# Debian's library for WebAssembly has no clippy that could read it.
if rust_has_wasm; then
  try "clippy for WebAssembly" cargo clippy --quiet --package hookseal-wasm --package hookseal-engine --target wasm32-unknown-unknown -- --deny warnings
fi
try "Rust documentation" env RUSTDOCFLAGS='--deny warnings' cargo doc --quiet --no-deps
if cargo deny --version >/dev/null 2>&1; then
  try "licences and advisories" cargo deny --log-level warn check
else
  heading "licences and advisories"
  note "left out: install cargo-deny to check them here; the build server does"
fi
if command -v shellcheck >/dev/null; then
  try "shell scripts" shellcheck --external-sources .ci/run scripts/*.sh scripts/setup/*.sh scripts/suites/*.sh
else
  heading "shell scripts"
  note "left out: install shellcheck to check them here; the build server does"
fi
# The builds above wrote them anew.
try "declarations are those of the sources" git diff --exit-code --stat -- \
  bindings-node/types bindings-node/native.d.cts bindings-wasm/types bindings-wasm/native.d.ts
try "types of the Node package" npm --prefix bindings-node --silent run types
try "types of the WebAssembly package" npm --prefix bindings-wasm --silent run types
# Where the frameworks are, whose types the adapters are written against.
frameworks=$(environment_of bindings-python/integration)/bin/python
try "Python lint" python_tool ruff check . ../tests ../examples
try "Python format" python_tool ruff format --check . ../tests ../examples
try "Python types" python_tool mypy --strict tests benchmarks
try "types of the Python adapters" python_tool mypy --strict --python-executable "$frameworks" python integration
try "Python types, as pyright sees them" python_tool pyright --pythonpath "$frameworks"
try "Python stubs match the module" python_tool mypy.stubtest hookseal._native

heading "summary"
if [ ${#failures[@]} -gt 0 ]; then
  note "failed: ${#failures[@]}"
  printf '   - %s\n' "${failures[@]}"
  exit 1
fi
note "all clean"
