#!/usr/bin/env bash
# Fuzzes the core. Each target starts from fuzz/seeds/TARGET and from the inputs
# that once failed, fuzz/regressions/TARGET. Builds with any Rust toolchain, not
# only a nightly one, and with a C++ compiler; `cargo fuzz` works, too.
#
#   scripts/fuzz.sh                    every target, 30 seconds in all
#   scripts/fuzz.sh TARGET SECONDS     one target; keeps what it found for the next run
#   scripts/fuzz.sh TARGET FILE        one target with one input
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
. scripts/report.sh

SMOKE_SECONDS=30
# No input may take longer than this (seconds), or more memory (MB).
LIMITS=(-timeout=10 -rss_limit_mb=1024)
BUILD=$TARGET/fuzz

main() {
  local targets target
  targets=$(find fuzz/fuzz_targets -name '*.rs' -exec basename {} .rs \; | LC_ALL=C sort)
  scripts/setup.sh rust cxx
  step "build the fuzz targets" build
  case $# in
    0) smoke "$targets" ;;
    2)
      target=$1
      [ -f "fuzz/fuzz_targets/$target.rs" ] || die "unknown target \`$target\`" "targets: ${targets//$'\n'/, }"
      if [ -f "$2" ]; then
        program "$target" "$2"
      else
        [[ $2 =~ ^[1-9][0-9]*$ ]] || die "\`$2\` is neither a file nor a number of seconds" "run \`scripts/fuzz.sh $target 60\`"
        long_run "$target" "$2"
      fi
      ;;
    *) die "a target and seconds, or a target and a file, or nothing is expected" "targets: ${targets//$'\n'/, }" ;;
  esac
}

# What `cargo fuzz --sanitizer none` does: code generation options, which every
# toolchain has. With --target they leave build scripts alone.
build() {
  local host flags
  host=$(rustc --print host-tuple 2>/dev/null || rustc --version --verbose | sed -n 's/^host: //p')
  flags="--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module"
  for option in level=4 inline-8bit-counters pc-table trace-compares; do
    flags+=" -Cllvm-args=-sanitizer-coverage-$option"
  done
  RUSTFLAGS=$flags cargo build --locked --release --manifest-path fuzz/Cargo.toml --target "$host" --target-dir "$BUILD" || return
  ln -sfn "$host/release" "$BUILD/bin"
}

# program TARGET ARGUMENT...
program() {
  local target=$1
  shift
  mkdir -p "fuzz/artifacts/$target"
  "$BUILD/bin/$target" "${LIMITS[@]}" -artifact_prefix="fuzz/artifacts/$target/" "$@"
}

# The folders that exist of those that a target starts from.
inputs() { find "fuzz/seeds/$1" "fuzz/regressions/$1" -maxdepth 0 2>/dev/null || true; }

# All targets for a while, always from the same start.
smoke() {
  local targets=$1 target seconds failed=0
  seconds=$((SMOKE_SECONDS / $(wc -l <<<"$targets")))
  [ "$seconds" -gt 0 ] || seconds=1
  for target in $targets; do
    heading "fuzz $target"
    smoke_one "$target" "$seconds" || failed=1
  done
  [ "$failed" -eq 0 ] || die "fuzzing found an input that fails" \
    "run \`scripts/fuzz.sh TARGET FILE\` to see it again; mend the core, and keep the file in fuzz/regressions/TARGET"
}

# smoke_one TARGET SECONDS: with -seed, a failure is the same on every machine.
smoke_one() {
  local target=$1 seconds=$2 corpus log=$TOOLS/log/fuzz-$1.log status=0 runs
  corpus=$(mktemp -d)
  # shellcheck disable=SC2046 # no folder has a space in its name
  program "$target" -seed=1 -max_total_time="$seconds" -print_final_stats=1 "$corpus" $(inputs "$target") \
    </dev/null >"$log" 2>&1 || status=$?
  rm -rf "$corpus"
  if [ "$status" -ne 0 ]; then
    grep -vE '^(#|INFO|stat::)' "$log" | tail -n 40 | sed 's/^/   | /'
    note "FAILED: the input is $(sed -n 's/.*Test unit written to //p' "$log")"
    return 1
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  note "${runs:-no} inputs in $seconds s"
  # A target that refuses all it is given would be quick to pass.
  [ "${runs:-0}" -ge 100 ]
}

# long_run TARGET SECONDS
long_run() {
  local target=$1 corpus=$BUILD/corpus/$1
  mkdir -p "$corpus"
  # shellcheck disable=SC2046 # no folder has a space in its name
  program "$target" -max_total_time="$2" -print_final_stats=1 "$corpus" $(inputs "$target")
}

main "$@"
