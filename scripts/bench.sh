#!/usr/bin/env bash
# Measures the core, each package and the server. Quiet machines give better numbers.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
. scripts/report.sh

scripts/build.sh node python wasm
heading "the core (cargo bench)"
cargo bench --package hookseal-bench
# With a lock file of its own: see its manifest.
CARGO_TARGET_DIR="$TARGET" cargo bench --manifest-path bench/svix/Cargo.toml
python3 scripts/criterion-ratios.py
heading "the Node package"
npm --prefix bindings-node --silent run bench
heading "the WebAssembly package"
npm --prefix bindings-wasm --silent run bench
heading "the Python package"
"$VENV/bin/python" bindings-python/benchmarks/verify.py
"$VENV/bin/python" bindings-python/benchmarks/importing.py
step "build the server and the load rig" \
  cargo build --release --package hookseal-server --package hookseal-load
heading "the server"
# Beside the build, not in a folder for temporary files that may be memory.
limit 600 "$TARGET/release/hookseal-load" suite --seconds 4 --folder "$TARGET" --json "$TARGET/load.json"
