"""``labkit demo``: at most 20 s on two cores. Also measures each phase."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

_RUNS = 3


def main() -> None:
    """Print the median time of the whole demo and of each phase."""
    runs = []
    for _ in range(_RUNS):
        done = subprocess.run(
            [sys.executable, "-m", "labkit", "demo", "--json"], check=True, capture_output=True
        )
        runs.append(json.loads(done.stdout)["phases"])
    for phase in runs[0]:
        print(f"{phase:<10} {statistics.median(run[phase] for run in runs):6.2f} s")
    print(f"{'all':<10} {statistics.median(sum(run.values()) for run in runs):6.2f} s")
