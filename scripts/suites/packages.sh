#!/usr/bin/env bash
# The npm packages as they are published: packed, installed, type-checked,
# bundled with what people build with, and run.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/../env.sh"
. scripts/report.sh

scripts/build.sh node wasm
scripts/setup.sh npm:tests/packages
heading "run the tests of the packed packages"
npm --prefix tests/packages --silent test
