#!/usr/bin/env bash
# The core, the server, and the suites that cross packages.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/../env.sh"
. scripts/report.sh

scripts/setup.sh rust cc postgres
step "build the Rust tests" cargo test --no-run
heading "run the Rust tests"
cargo test --no-fail-fast
