# Reads what test runners print and names what failed: cargo test, node --test,
# pytest, ours. After a line that tells of a panic comes its message, which says
# what was wrong; of the first panics, that is, and not all of a long one.

BEGIN { lines = 150; panics = 8; message = 15; width = 600 }

{
  gsub(/\033\[[0-9;]*[A-Za-z]/, "")
  sub(/\r$/, "")
}

/^thread .* panicked at/ {
  left = ++seen <= panics ? message : 0
  say($0)
  next
}

/^test .* FAILED$/ || /^ *(✖|not ok) / || /^(FAILED|ERROR) / || /^ +FAILED[: ]/ {
  left = 0
  say($0)
  next
}

# What follows a message.
/^(note: run with|stack backtrace:|---- .* stdout ----$|failures:$)/ { left = 0 }

left > 0 {
  left--
  if ($0 != "") say("    " $0)
}

function say(line) {
  if (lines-- > 0) print (length(line) > width ? substr(line, 1, width) "…" : line)
}
