# shellcheck shell=bash
# Sourced after env.sh: what the scripts print. One heading per step, its time
# below it, and of a failing step the end of its output.

heading() { printf '== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }

# die MESSAGE [WHAT TO DO]
die() {
  printf 'error: %s\n' "$1" >&2
  [ -z "${2:-}" ] || printf '       %s\n' "$2" >&2
  exit 1
}

# step TITLE COMMAND...: runs the command quietly and returns its status.
# VERBOSE=1 shows all of its output as it comes.
step() {
  local title=$1 started=$SECONDS status=0 log watcher
  shift
  heading "$title"
  log=$TOOLS/log/$(printf '%s' "$title" | tr -cs 'A-Za-z0-9' '-').log
  mkdir -p "$TOOLS/log"
  if [ -n "${VERBOSE:-}" ]; then
    "$@" </dev/null 2>&1 | tee "$log" || status=${PIPESTATUS[0]}
  else
    : >"$log"
    show_progress "$log" &
    watcher=$!
    # Also when somebody presses Ctrl-C.
    # shellcheck disable=SC2064 # this very process, not a later one
    trap "kill $watcher 2>/dev/null" EXIT
    "$@" </dev/null >"$log" 2>&1 || status=$?
    trap - EXIT
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    if [ "$status" -ne 0 ]; then
      tail -n 60 "$log" | sed 's/^/   | /'
      note "all of it: ${log#"$ROOT"/}"
    fi
  fi
  if [ "$status" -eq 0 ]; then
    note "done in $((SECONDS - started)) s"
  else
    note "FAILED (exit code $status) after $((SECONDS - started)) s"
  fi
  return "$status"
}

# Says every half minute what a long step is at, so that nobody takes it for
# hung, neither a person nor a build server.
show_progress() {
  local log=$1 started=$SECONDS nap=
  trap 'kill "$nap" 2>/dev/null; exit 0' INT TERM
  while kill -0 $$ 2>/dev/null; do
    sleep 30 >/dev/null 2>&1 &
    nap=$!
    wait "$nap"
    note "... $((SECONDS - started)) s: $(tail -n 1 "$log" | tr '\r\t' '  ' | cut -c 1-100)"
  done
}
