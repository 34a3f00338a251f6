#!/usr/bin/env bash
# Builds everything and shows it working: a server, three receivers that use
# the packages, real events on the way. Leaves nothing running.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
. scripts/report.sh

[ -f tests/demo/demo.mjs ] || die "tests/demo/demo.mjs is missing" "this part of the tree is incomplete"

# The same build of the server as the tests use, so that it is compiled once.
scripts/build.sh server-debug node python wasm
if [ -f tests/demo/package.json ]; then
  scripts/setup.sh npm:tests/demo
fi
export HOOKSEAL_BIN=$TARGET/debug/hookseal PYTHON=$VENV/bin/python
heading "demo"
exec node tests/demo/demo.mjs "$@"
