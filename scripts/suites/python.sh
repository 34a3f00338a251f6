#!/usr/bin/env bash
# The Python package, in the Python of .tools/venv.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/../env.sh"
. scripts/report.sh

scripts/build.sh python
heading "run the tests of the Python package"
# Benchmarks are for `make bench`; here they run once, as tests.
cd bindings-python
"$VENV/bin/python" -m pytest --benchmark-disable tests
cd "$ROOT"
heading "check the vectors"
"$VENV/bin/python" -m pytest tests/vectors
