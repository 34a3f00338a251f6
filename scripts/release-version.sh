#!/usr/bin/env bash
# Checks that every package has the same version, and that a tag `v1.2.3`, if
# one is given, says it.
#
#   scripts/release-version.sh [TAG]
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
. scripts/report.sh

wanted=$(sed -n '/^\[workspace\.package\]/,/^\[/s/^version *= *"\(.*\)"/\1/p' Cargo.toml)
for manifest in bindings-node/package.json bindings-wasm/package.json; do
  found=$(sed -n 's/^  "version": "\(.*\)",/\1/p' "$manifest")
  [ "$found" = "$wanted" ] || die "$manifest has version \`$found\`, Cargo.toml has \`$wanted\`" "write the same into both"
done
[ -z "${1:-}" ] || [ "$1" = "v$wanted" ] || die "the tag is \`$1\`, the version is \`$wanted\`" "tag v$wanted"
note "version $wanted"
