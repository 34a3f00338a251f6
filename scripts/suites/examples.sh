#!/usr/bin/env bash
# The examples: the packages packed and installed into a project per framework,
# each started and posted to; the stores of claims on their databases.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/../env.sh"
. scripts/report.sh
# shellcheck source=scripts/setup/apt.sh
. scripts/setup/apt.sh

# need PROGRAM PACKAGE
need() {
  compgen -G "/usr/lib/postgresql/*/bin/$1" >/dev/null || command -v "$1" >/dev/null && return
  apt_install "claims of idempotency are kept in it" "$2" || die "no $1 found" "install $2, then try again"
}

scripts/build.sh node wasm
scripts/setup.sh npm:tests/examples
need redis-server redis-server
need initdb postgresql
heading "start the examples and the stores"
npm --prefix tests/examples --silent test
