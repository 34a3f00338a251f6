# shellcheck shell=bash
# System packages on Debian and its relatives.

# apt_install WHY PACKAGE...: fails when apt is not there, when we may not use
# it, or when it does not succeed at the second try either.
apt_install() {
  local why=$1
  shift
  command -v apt-get >/dev/null || return 1
  note_install "$*" "apt-get" "$why"
  apt_lists_are_fresh || apt_get update || return 1
  apt_get install --yes --no-install-recommends "$@" && return
  # Packages may have moved on since the lists were read.
  apt_get update && apt_get install --yes --no-install-recommends "$@"
}

apt_lists_are_fresh() {
  find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mtime -1 2>/dev/null | grep -q .
}

apt_get() {
  local log=$TOOLS/log/apt.log
  if as_root env DEBIAN_FRONTEND=noninteractive timeout --foreground --kill-after=10 600 \
    apt-get -q -o DPkg::Lock::Timeout=120 -o Acquire::Retries=2 "$@" </dev/null >"$log" 2>&1; then
    return 0
  fi
  note "apt-get $1 failed:"
  tail -n 10 "$log" | sed 's/^/   | /'
  return 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo "$@"
  else
    echo "neither root nor able to use sudo without a password"
    return 1
  fi
}

# note_install WHAT HOW WHY
note_install() { printf 'setup: installing %s (%s): %s\n' "$1" "$2" "$3"; }
