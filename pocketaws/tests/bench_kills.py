"""``kill -9`` fifty times at random moments while a class of ten works; a comparison after each restart.

    python -m tests.bench_kills [KILLS [SEED]]

Raises where anything that was acknowledged is lost, or anything is half there. Says how long restarts took.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from tests.kills import Class

KILLS = 50
_SIZE = 10


def main(kills: int = KILLS, seed: int = 0) -> None:
    """Print what was compared, and the seconds that restarts took to be ready."""
    with tempfile.TemporaryDirectory() as folder:
        at_work = Class(Path(folder), size=_SIZE, seed=seed)
        ready = []
        try:
            for number in range(1, kills + 1):
                compared = at_work.kill_once(at_most_seconds=4.0)
                ready.append(at_work.process.ready_seconds)
                print(
                    f"kill {number}: {compared} things are there; ready after {ready[-1]:.1f} s",
                    flush=True,
                )
        finally:
            at_work.process.kill()
    print(
        f"{kills} kills, nothing lost, nothing half; ready again after {statistics.median(ready):.1f} s "
        f"(median), {max(ready):.1f} s (most)"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
