# Reads what test runners print and adds up their closing lines. Prints
# "PASSED FAILED SKIPPED". Knows cargo test, node --test, pytest, and a line
# "N passed, N failed" on its own, whose last occurrence outranks the others.

{
  gsub(/\033\[[0-9;]*[A-Za-z]/, "")
  sub(/\r$/, "")
}

# test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; ...
/^test result: / {
  passed += before("passed"); failed += before("failed"); skipped += before("ignored")
}

# "# pass 12" or, in the other reporter, "ℹ pass 12".
/^[^ ]+ (pass|fail|cancelled|skipped|todo) [0-9]+$/ && ($1 == "#" || $1 == "ℹ") {
  if ($2 == "pass") passed += $3
  else if ($2 == "fail" || $2 == "cancelled") failed += $3
  else skipped += $3
}

# ==== 1 failed, 12 passed, 2 skipped in 0.31s ====
/^(=+ )?[0-9]+ (passed|failed|skipped|errors?|xfailed|xpassed|deselected).* in [0-9.]+s/ {
  passed += before("passed") + before("xfailed")
  failed += before("failed") + before("error") + before("errors") + before("xpassed")
  skipped += before("skipped")
}

/^[0-9]+ passed, [0-9]+ failed$/ { own = 1; own_passed = $1; own_failed = $3 }

END {
  if (own) { passed = own_passed; failed = own_failed }
  print passed + 0, failed + 0, skipped + 0
}

# The number in front of a word of the current line, or 0.
function before(word,   i, bare) {
  for (i = 2; i <= NF; i++) {
    bare = $i
    gsub(/[^a-z]/, "", bare)
    if (bare == word) return $(i - 1) + 0
  }
  return 0
}
