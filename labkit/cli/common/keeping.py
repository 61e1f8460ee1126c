"""What ``down`` keeps before it removes a lab: evidence, answers, verdicts, under ``.labkit/``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from labkit.cli.common.judging import collect_class, collected, judge_class
from labkit.cli.common.work import Work
from labkit.errors import CloudError
from labkit.evidence.snapshot import Snapshot, save
from labkit.fleet import over
from labkit.model import Seat
from labkit.report.write import write_all

FOLDER = ".labkit"


def keep(work: Work, now: datetime, *, quiet: bool) -> Path | None:
    """Keep what the deployed labs say; returns the folder, or None where there was nothing to keep.

    Raises ``CloudError`` where a lab that is whole cannot be read: it must not be lost by accident.
    """
    with_labs = replace(work, seats=_deployed(work))
    if not with_labs.seats:
        return None
    bundles, failed = collected(collect_class(with_labs, quiet=quiet, activity=True))
    if failed:
        seat, error = failed[0]
        raise CloudError(
            f"The evidence of {seat.id} cannot be kept: {error.message}",
            f"{error.hint} Or remove it without: labkit down --discard.",
        )
    folder = work.workshop.folder / FOLDER / work.workshop.name / now.strftime("%Y%m%dT%H%M%SZ")
    for bundle in bundles:
        save(Snapshot(work.workshop.name, work.workshop.scenario, bundle), folder / "evidence")
    grades = judge_class(work, bundles)
    without = tuple(replace(seat, activity=None) for seat in grades.seats)  # as grade does
    write_all(replace(grades, seats=without), folder)
    return folder


def _deployed(work: Work) -> tuple[Seat, ...]:
    """The seats whose labs are whole; of the others there is nothing to read."""
    done = over(work.seats, work.is_deployed, interrupt=work.interrupt)
    for outcome in done:
        if outcome.error is not None:
            raise outcome.error
    return tuple(outcome.item for outcome in done if outcome.result)
