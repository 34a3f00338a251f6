#!/usr/bin/env bash
# The Node package, in Node; its client with the server.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/../env.sh"
. scripts/report.sh

scripts/build.sh node server-debug
export HOOKSEAL_BIN=$TARGET/debug/hookseal
heading "run the tests of the Node package"
npm --prefix bindings-node --silent test
