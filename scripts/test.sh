#!/usr/bin/env bash
# Runs the test suites, all of them whatever fails, then says how each went.
# The last line is `N passed, N failed`; the exit code is 1 when a test failed,
# a suite broke off, or a suite ran no test.
#
#   scripts/test.sh [SUITE...]     suites: rust, api, node, python, pythons, wasm, packages, judges, examples, demo, systems
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
. scripts/report.sh

[ $# -gt 0 ] || set -- rust api node python pythons wasm packages judges examples demo systems
for suite; do
  [ -f "scripts/suites/$suite.sh" ] || die "unknown suite \`$suite\`" "suites: rust, api, node, python, pythons, wasm, packages, judges, examples, demo, systems"
done

# Colour codes would only be in the way of logs and of the count.
export NO_COLOR=1 CARGO_TERM_COLOR=never
unset FORCE_COLOR
mkdir -p "$TOOLS/log"

table=
failures=
all_passed=0
all_failed=0
all_seconds=0
for suite; do
  log=$TOOLS/log/test-$suite.log
  started=$SECONDS
  status=0
  "scripts/suites/$suite.sh" </dev/null 2>&1 | tee "$log" || status=$?
  seconds=$((SECONDS - started))
  read -r passed failed skipped <<<"$(awk -f scripts/tally.awk "$log")"

  # A suite that broke off is a failure even where no test was counted as one.
  remark=
  if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    failed=1
    remark="broke off (exit code $status)"
  elif [ "$failed" -eq 0 ] && [ "$passed" -eq 0 ]; then
    failed=1
    remark="ran no test"
  elif [ "$skipped" -ne 0 ]; then
    remark="$skipped skipped"
  fi
  # Named once more at the end, which is what a build server that keeps little shows.
  [ "$failed" -eq 0 ] || failures+=$(awk -f scripts/failures.awk "$log" | sed "s/^/$suite: /")$'\n'
  table+=$(printf '%-8s %8d %8d %8d  %s' "$suite" "$passed" "$failed" "$seconds" "$remark")$'\n'
  all_passed=$((all_passed + passed))
  all_failed=$((all_failed + failed))
  all_seconds=$((all_seconds + seconds))
done

if [ -n "$failures" ]; then
  heading "what failed"
  printf '%s' "$failures"
fi
heading "summary"
printf '%-8s %8s %8s %8s\n' suite passed failed seconds
printf '%s' "$table"
printf '%-8s %8d %8d %8d\n' all "$all_passed" "$all_failed" "$all_seconds"
echo
printf '%d passed, %d failed\n' "$all_passed" "$all_failed"
[ "$all_failed" -eq 0 ]
