"""``kill -9`` at random moments while clients work: everything acknowledged is there, and nothing half.

``python -m tests.bench kills`` does the same fifty times with a class of ten.
"""

from __future__ import annotations

from pathlib import Path

from .kills import Class


def test_what_was_acknowledged_outlives_kills_and_nothing_is_half_there(tmp_path: Path) -> None:
    at_work = Class(tmp_path, size=4, seed=2)
    try:
        compared = [at_work.kill_once() for _ in range(3)]
    finally:
        at_work.process.kill()
    assert 0 < compared[0] < compared[2]
