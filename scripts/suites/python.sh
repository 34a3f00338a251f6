#!/usr/bin/env bash
# The Python package: as it is developed in the Python of .tools/venv, then its wheel, with the frameworks and stores.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/../env.sh"
. scripts/report.sh

scripts/build.sh python server-debug
export HOOKSEAL_BIN=$TARGET/debug/hookseal
heading "run the tests of the Python package"
cd bindings-python
"$VENV/bin/python" -m pytest tests
cd "$ROOT"

scripts/setup.sh pip:bindings-python/integration stores
integration=$(environment_of bindings-python/integration)
wheels=$TARGET/wheels/python
rm -rf "$wheels"
step "build the wheel" env VIRTUAL_ENV="$VENV" "$VENV/bin/maturin" build --release \
  --manifest-path bindings-python/Cargo.toml --out "$wheels"
step "install the wheel" "$integration/bin/python" -m pip install --disable-pip-version-check --quiet \
  --force-reinstall --no-deps "$wheels"/*.whl
heading "run the wheel in the frameworks, with the stores, and the examples"
cd bindings-python
"$integration/bin/python" -m pytest integration
cd "$ROOT"
heading "check the vectors"
"$VENV/bin/python" -m pytest tests/vectors
