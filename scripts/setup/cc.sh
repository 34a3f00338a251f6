# shellcheck shell=bash
# The server carries SQLite as C source; every Rust build links with cc.

setup_cc() {
  command -v cc >/dev/null && return
  apt_install "a C compiler builds the SQLite inside the server" gcc libc6-dev || true
  command -v cc >/dev/null \
    || die "no C compiler (\`cc\`) found" "install one (Debian: apt-get install gcc libc6-dev; macOS: xcode-select --install), then try again"
}
