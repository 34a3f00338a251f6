#!/usr/bin/env bash
# Formats the Rust and Python sources in place.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
. scripts/report.sh

scripts/setup.sh rust-lint python
step "format Rust" cargo fmt --all
step "format the fuzz targets" cargo fmt --manifest-path fuzz/Cargo.toml
step "format Python" env -C bindings-python "$VENV/bin/ruff" format . ../tests ../examples
