#!/usr/bin/env python3
"""Prints what criterion measured as ratios to hookseal's verify of the same run, size by size."""

import json
import os
import pathlib
import sys

target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target"))
groups = {}
for run in ("delivery", "svix"):
    for path in (target / "criterion" / run).glob("*/*/new/estimates.json"):
        name, size = path.parts[-4:-2]
        groups.setdefault((run, int(size)), {})[name] = json.loads(path.read_text())["median"]["point_estimate"]
if not groups:
    sys.exit("criterion has measured nothing; run `cargo bench -p hookseal-bench` first")
print(f"{'run':<8}  {'bytes':>7}  {'what':<24} {'ns':>9}  times verify")
for (run, size), medians in sorted(groups.items()):
    ours = medians["hookseal_verify"]
    for name, median in sorted(medians.items(), key=lambda item: item[1]):
        print(f"{run:<8}  {size:>7}  {name:<24} {median:>9.0f}  {median / ours:.2f}")
