#!/usr/bin/env bash
# The WebAssembly package in Node, workerd, Deno, Bun and Chromium.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/../env.sh"
. scripts/report.sh

scripts/build.sh wasm
scripts/setup.sh chromium
CHROMIUM=$(find_chromium)
export CHROMIUM
heading "run the tests of the WebAssembly package"
npm --prefix bindings-wasm --silent test
