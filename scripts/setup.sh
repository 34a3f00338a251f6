#!/usr/bin/env bash
# Makes sure that the named tools are there, and installs what is missing.
# Quick when nothing is to do. What the project installs for itself goes below
# .tools; only system packages (apt) go elsewhere.
#
#   scripts/setup.sh COMPONENT...
#
#   rust       cargo and the toolchain of rust-toolchain.toml
#   rust-lint  its clippy and rustfmt
#   cc         a C compiler, for the SQLite inside the server
#   cxx        a C++ compiler, for the fuzz targets
#   wasm       the standard library for wasm32-unknown-unknown
#   node       Node.js and npm
#   npm:DIR    the development packages of DIR/package.json
#   python     Python, and the virtual environment .tools/venv
#   pip:DIR    the packages of DIR/requirements.txt, in an environment of their own
#   postgres   PostgreSQL, for the tests of the server's stores
#   stores     Redis and PostgreSQL, for the tests of the idempotency stores
#   chromium   a browser for the WebAssembly tests
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
. scripts/report.sh
for part in scripts/setup/*.sh; do
  # shellcheck source=/dev/null
  . "$part"
done

[ $# -gt 0 ] || { sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2; exit 2; }

mkdir -p "$TOOLS/stamps" "$TOOLS/log"
# Two targets of one `make -j`, or two terminals, must not install at once.
if command -v flock >/dev/null; then
  exec 9>"$TOOLS/setup.lock"
  flock -n 9 || note "waiting for another set-up to finish"
  flock -w 1800 9 || die "another set-up has been running for half an hour" "stop it, then try again"
fi

for component; do
  case $component in
    rust) setup_rust ;;
    rust-lint) setup_rust_lint ;;
    cc) setup_cc ;;
    cxx) setup_cxx ;;
    wasm) setup_wasm ;;
    node) setup_node ;;
    npm:*) setup_npm "${component#npm:}" ;;
    python) setup_python ;;
    pip:*) setup_pip "${component#pip:}" ;;
    postgres) setup_postgres ;;
    stores) setup_stores ;;
    chromium) setup_chromium ;;
    *) die "unknown component \`$component\`" "run scripts/setup.sh without arguments for the list" ;;
  esac
done
