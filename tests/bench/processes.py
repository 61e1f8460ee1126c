"""Whole processes, timed in turn so that a machine that slows down slows both sides."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Sequence


def seconds(command: Sequence[str]) -> float:
    """Wall seconds of one run; raises where it fails."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def paired(first: Sequence[str], second: Sequence[str], runs: int) -> tuple[float, float, float]:
    """Medians of both and of their ratio, pair by pair, after one run of each that does not count."""
    seconds(first)
    seconds(second)
    pairs = [(seconds(first), seconds(second)) for _ in range(runs)]
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )
