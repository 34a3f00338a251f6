#!/usr/bin/env bash
# The Node package, in Node.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/../env.sh"
. scripts/report.sh

scripts/build.sh node
heading "run the tests of the Node package"
npm --prefix bindings-node --silent test
