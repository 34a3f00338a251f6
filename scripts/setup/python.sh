# shellcheck shell=bash
# Python, and a virtual environment with scripts/requirements-dev.txt in it.

setup_python() {
  local python stamp=$TOOLS/stamps/python wanted
  wanted=$({ echo "$VENV"; cat scripts/requirements-dev.txt; } | sha256)
  [ -x "$VENV/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
  python=$(find_python) || { apt_install "the Python package needs Python" python3 python3-venv && python=$(find_python); } \
    || die "Python 3.9 or newer not found" "install it (https://www.python.org), then try again"
  note_install "the packages of scripts/requirements-dev.txt into .tools/venv" pip "they build, test and lint the Python package"
  rm -rf "$stamp" "$VENV"
  make_venv "$python" || die "$python cannot make a virtual environment" "install its venv module (Debian: apt-get install python3-venv), then try again"
  pip_install || pip_install || die "pip could not install scripts/requirements-dev.txt" "see .tools/log/pip.log"
  echo "$wanted" >"$stamp"
}

find_python() {
  local name
  for name in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 python3.10 python3.9 python; do
    # The environment must not become its own parent.
    [ "$name" != "$VENV/bin/python" ] || continue
    "$name" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null && echo "$name" && return
  done
  return 1
}

# Debian ships Python without ensurepip, which venv needs for pip.
make_venv() {
  if ! "$1" -c 'import ensurepip, venv' 2>/dev/null; then
    apt_install "$1 comes without its venv module" python3-venv || return 1
  fi
  "$1" -m venv "$VENV" >"$TOOLS/log/pip.log" 2>&1
}

pip_install() {
  limit 600 "$VENV/bin/python" -m pip install --disable-pip-version-check --quiet --requirement scripts/requirements-dev.txt \
    </dev/null >"$TOOLS/log/pip.log" 2>&1
}
