#!/usr/bin/env bash
# Writes the types of the API's clients, in TypeScript and in Python, from the
# server's OpenAPI document. Tests of both packages say when that is to be done.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
. scripts/report.sh

scripts/setup.sh npm:bindings-js/openapi python pip:bindings-python/generate
step "write the types in TypeScript" npm --prefix bindings-js/openapi run --silent generate
step "write the types in Python" "$(environment_of bindings-python/generate)/bin/python" bindings-python/generate/client_types.py
step "format them" "$VENV/bin/python" -m ruff format --quiet --config bindings-python/pyproject.toml bindings-python/python/hookseal/client/types.py
step "write the client for sync code" "$VENV/bin/python" bindings-python/generate/sync_client.py
