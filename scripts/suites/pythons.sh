#!/usr/bin/env bash
# The wheels on every CPython that is to be had: each installs the one that pip would choose into an environment of its
# own, and runs the tests of the package on it. What is not to be had is named.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/../env.sh"
. scripts/report.sh
# shellcheck source=scripts/setup/apt.sh
. scripts/setup/apt.sh
# shellcheck source=scripts/setup/python.sh
. scripts/setup/python.sh

VERSIONS=(3.9 3.10 3.11 3.12 3.13 3.14 3.15)
WHEELS=$TARGET/wheels/pythons

main() {
  local version python found=() failed=() missing=()
  scripts/setup.sh rust cc python
  scripts/build.sh server-debug
  export HOOKSEAL_BIN=$TARGET/debug/hookseal
  rm -rf "$WHEELS"
  for version in "${VERSIONS[@]}"; do
    if python=$(find_cpython "$version"); then
      # Before 3.10 each version has a wheel of its own; the first of the others builds the one for all of them.
      compgen -G "$WHEELS/*-$(tag_of "$version")-*.whl" >/dev/null || build_wheel "$version" "$python"
      found+=("$version")
      run_tests "$version" "$python" || failed+=("$version")
    else
      missing+=("$version")
    fi
  done
  heading "CPython: tested ${found[*]-none}"
  [ ${#missing[@]} -eq 0 ] || note "NOT tested, as they are neither here nor in the package sources: ${missing[*]}"
  note "NOT tested: free-threaded builds, which no wheel is for"
  [ ${#found[@]} -gt 0 ] || die "no CPython found" "install one (https://www.python.org), then try again"
  [ ${#failed[@]} -eq 0 ] || die "tests failed on CPython ${failed[*]}"
}

tag_of() { if [ "$1" = 3.9 ]; then echo cp39-cp39; else echo cp310-abi3; fi; }

# find_cpython VERSION: prints an interpreter of that version; installs it where the system has a package of it.
find_cpython() {
  local version=$1 candidate
  for candidate in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python; do
    is_cpython "$candidate" "$version" && echo "$candidate" && return
  done
  if command -v uv >/dev/null && candidate=$(UV_PYTHON_DOWNLOADS=never uv python find "$version" 2>/dev/null); then
    is_cpython "$candidate" "$version" && echo "$candidate" && return
  fi
  apt-cache show "python$version-venv" >/dev/null 2>&1 || return 1
  apt_install "the wheel is tried on it" "python$version" "python$version-venv" >&2 || return 1
  is_cpython "python$version" "$version" && echo "python$version"
}

# is_cpython PROGRAM VERSION
is_cpython() {
  "$1" -c 'import platform, sys
own = platform.python_implementation(), "%d.%d" % sys.version_info[:2], getattr(sys, "abiflags", "")
sys.exit(own != ("CPython", sys.argv[1], ""))' "$2" 2>/dev/null
}

build_wheel() {
  step "build the wheel for CPython $1" env VIRTUAL_ENV="$VENV" "$VENV/bin/maturin" build --release \
    --manifest-path bindings-python/Cargo.toml --interpreter "$2" --out "$WHEELS"
}

run_tests() {
  local version=$1 python=$2 dir=$TOOLS/pythons/$1 wheel
  mkdir -p "$TOOLS/pythons" "$TOOLS/log"
  [ -x "$dir/bin/python" ] || make_venv "$python" "$dir" || die "no environment for CPython $version" "see .tools/log/pip.log"
  wheel=$(echo "$WHEELS"/*-"$(tag_of "$version")"-*.whl)
  step "install the wheel on CPython $version" install_wheel "$dir/bin/python" "$wheel" || return
  heading "run the tests on CPython $version"
  (cd bindings-python && "$dir/bin/python" -m pytest tests)
}

install_wheel() {
  # One of the tests formats what a generator writes.
  limit 600 "$1" -m pip install --disable-pip-version-check --quiet --constraint scripts/requirements-dev.txt \
    pytest ruff "$2[client]" || return
  # Its version is the same where its source is not.
  "$1" -m pip install --disable-pip-version-check --quiet --no-index --no-deps --force-reinstall "$2"
}

main
