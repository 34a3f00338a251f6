#!/usr/bin/env bash
# The calls and receivers of the four systems' pages against the server.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/../env.sh"
. scripts/report.sh

scripts/build.sh server-debug
scripts/setup.sh npm:tests/systems pip:tests/systems
heading "the four systems"
HOOKSEAL_BIN=$TARGET/debug/hookseal "$(environment_of tests/systems)/bin/python" -m pytest --quiet tests/systems
