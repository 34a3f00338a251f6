"""The server does what its document says: tried with thousands of requests that schemathesis makes from the document."""

import subprocess
import sys
from pathlib import Path

# Each with why it cannot apply.
EXCLUDED = [
    # What a profile allows (its event types, its secrets, what its envelope can hold) is more than a schema can say.
    "positive_data_acceptance",
]
PHASES = ["examples", "coverage", "fuzzing", "stateful"]


def test_no_answer_breaks_the_document(server, key, tmp_path):
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{server}/openapi.json",
        f"--header=Authorization: Bearer {key}",
        "--checks=all",
        f"--exclude-checks={','.join(EXCLUDED)}",
        f"--phases={','.join(PHASES)}",
        "--seed=20260425",
        "--generation-deterministic",
        "--max-examples=10",
        "--workers=1",
        "--suppress-health-check=all",
        "--warnings=off",
        "--no-color",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
