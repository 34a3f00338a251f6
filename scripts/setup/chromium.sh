# shellcheck shell=bash
# A browser, for the tests that load the WebAssembly package in one.

setup_chromium() {
  local browser
  find_chromium >/dev/null && return
  [ -z "${CHROMIUM:-}" ] || die "CHROMIUM is set to \`$CHROMIUM\`, which is not a program" "name a browser or unset it"
  apt_install "the WebAssembly package is tested in a browser" chromium || true
  # On some systems the package is only a pointer to another store.
  browser=$(find_chromium) || true
  [ -n "$browser" ] && limit 60 "$browser" --version >/dev/null 2>&1 && return
  die "no Chromium found and it cannot be installed" "install Chromium or Chrome, or name one in CHROMIUM, then try again"
}
