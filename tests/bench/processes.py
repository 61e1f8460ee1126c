"""Time whole processes alternately, so that a machine that slows down affects both."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Sequence


def seconds(command: Sequence[str]) -> float:
    """The wall seconds of one run; raises if the run fails."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def paired(first: Sequence[str], second: Sequence[str], runs: int) -> tuple[float, float, float]:
    """The medians of both and of their pairwise ratio, after one warm-up run of each."""
    seconds(first)
    seconds(second)
    pairs = [(seconds(first), seconds(second)) for _ in range(runs)]
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )
