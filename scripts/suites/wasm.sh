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
built=$TARGET/wasm32-unknown-unknown/release
CORE_ALONE=$built/core_alone.wasm CORE_ALONE_PLAIN=$built/core_alone.plain.wasm node --test tests/wasm/imports.test.mjs
heading "run the tests of the WebAssembly package"
npm --prefix bindings-wasm --silent test
