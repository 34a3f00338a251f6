#!/usr/bin/env bash
# The providers' own libraries against the Node and the Python package.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/../env.sh"
. scripts/report.sh

scripts/build.sh node python
scripts/setup.sh npm:tests/judges pip:tests/judges
heading "let the libraries on npm judge"
npm --prefix tests/judges --silent test | grep -v '^✔'
heading "let the libraries on PyPI judge"
PYTHONPATH=$ROOT/bindings-python/python "$(environment_of tests/judges)/bin/python" -m pytest --quiet tests/judges
