#!/usr/bin/env bash
# Removes what builds wrote; with `all` also what set-up installed in here.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"

rm -rf "$TARGET" "$TOOLS/log" "$TOOLS"/stamps/build-*
rm -rf bindings-node/dist bindings-wasm/dist bindings-python/dist
find bindings-node bindings-python -name node_modules -prune -o \( -name '*.node' -o -name '*.so' \) -type f -exec rm -f {} +
if [ "${1:-}" = all ]; then
  rm -rf "$TOOLS"
  find . -name node_modules -type d -prune -exec rm -rf {} +
fi
