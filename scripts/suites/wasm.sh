#!/usr/bin/env bash
# The core alone in Node, then the WebAssembly package in Node, workerd, Deno,
# Bun and Chromium.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/../env.sh"
. scripts/report.sh

scripts/build.sh core-alone wasm
scripts/setup.sh chromium
CHROMIUM=$(find_chromium)
export CHROMIUM
heading "run the tests of the core alone"
CORE_ALONE=$TARGET/wasm32-unknown-unknown/release/core_alone.wasm node --test tests/wasm/imports.test.mjs
heading "run the tests of the WebAssembly package"
npm --prefix bindings-wasm --silent test
