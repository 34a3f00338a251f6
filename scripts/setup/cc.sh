# shellcheck shell=bash
# The server carries SQLite as C source, the fuzz targets libFuzzer as C++;
# every Rust build links with cc.

setup_cc() {
  command -v cc >/dev/null && return
  apt_install "a C compiler builds the SQLite inside the server" gcc libc6-dev || true
  command -v cc >/dev/null \
    || die "no C compiler (\`cc\`) found" "install one (Debian: apt-get install gcc libc6-dev; macOS: xcode-select --install), then try again"
}

setup_cxx() {
  setup_cc
  command -v "${CXX:-c++}" >/dev/null && return
  apt_install "the fuzz targets are linked with libFuzzer, which is C++" g++ || true
  command -v "${CXX:-c++}" >/dev/null \
    || die "no C++ compiler (\`${CXX:-c++}\`) found: the core cannot be fuzzed here" "install one (Debian: apt-get install g++; macOS: xcode-select --install), then try again"
}
