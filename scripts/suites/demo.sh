#!/usr/bin/env bash
# The demo: server and packages together, over the wire.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/../env.sh"

scripts/demo.sh
