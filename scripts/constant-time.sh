#!/usr/bin/env bash
# Measures whether refusing a forged signature takes a time that says how much of
# it was right. Wants a quiet machine, so it is no part of the tests.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
. scripts/report.sh

scripts/setup.sh rust cc
step "build the measurement" cargo build --release --package hookseal-bench --example constant_time
heading "time of a refusal (Welch's t-test)"
cargo run --release --quiet --package hookseal-bench --example constant_time
