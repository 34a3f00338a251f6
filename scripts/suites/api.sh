#!/usr/bin/env bash
# The server's API against its own document (OpenAPI), as a stranger would try it.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/../env.sh"
. scripts/report.sh

scripts/setup.sh rust cc pip:tests/openapi
step "build the server" cargo build -p hookseal-server --bin hookseal
heading "hold the API against its document"
HOOKSEAL=$TARGET/debug/hookseal "$(environment_of tests/openapi)/bin/python" -m pytest --quiet tests/openapi
