# shellcheck shell=bash
# Python, and virtual environments: with scripts/requirements-dev.txt in it, and with the requirements.txt of a folder.

setup_python() {
  setup_environment "$VENV" scripts/requirements-dev.txt "$TOOLS/stamps/python" \
    "they build, test and lint the Python package"
}

# setup_pip DIR
setup_pip() {
  setup_environment "$(environment_of "$1")" "$1/requirements.txt" "$TOOLS/stamps/pip-$(printf '%s' "$1" | tr / -)" \
    "$1 needs them"
}

# setup_environment DIR REQUIREMENTS STAMP WHY
setup_environment() {
  local dir=$1 requirements=$2 stamp=$3 python wanted
  wanted=$({ echo "$dir"; cat "$requirements"; } | sha256)
  [ -x "$dir/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
  python=$(find_python) || { apt_install "the Python package needs Python" python3 python3-venv && python=$(find_python); } \
    || die "Python 3.9 or newer not found" "install it (https://www.python.org), then try again"
  note_install "the packages of $requirements into ${dir#"$ROOT"/}" pip "$4"
  rm -rf "$stamp" "$dir"
  make_venv "$python" "$dir" || die "$python cannot make a virtual environment" "install its venv module (Debian: apt-get install python3-venv), then try again"
  pip_install "$dir" "$requirements" || pip_install "$dir" "$requirements" || die "pip could not install $requirements" "see .tools/log/pip.log"
  echo "$wanted" >"$stamp"
}

find_python() {
  local name
  for name in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 python3.10 python3.9 python; do
    # An environment must not become its own parent.
    [ "$name" != "$VENV/bin/python" ] || continue
    "$name" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null && echo "$name" && return
  done
  return 1
}

# make_venv PYTHON DIR. Debian ships Python without ensurepip, which venv needs for pip.
make_venv() {
  if ! "$1" -c 'import ensurepip, venv' 2>/dev/null; then
    apt_install "$1 comes without its venv module" python3-venv || return 1
  fi
  "$1" -m venv "$2" >"$TOOLS/log/pip.log" 2>&1
}

# pip_install DIR REQUIREMENTS
pip_install() {
  limit 600 "$1/bin/python" -m pip install --disable-pip-version-check --quiet --requirement "$2" \
    </dev/null >"$TOOLS/log/pip.log" 2>&1
}
