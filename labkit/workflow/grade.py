"""Judge a class by the evidence collected from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from labkit.evidence.snapshot import Snapshot, save
from labkit.grading.session import grade, ungraded
from labkit.model import EvidenceBundle, Grades
from labkit.scenario import find_scenario
from labkit.workflow.collect import collect_class, split_results
from labkit.workflow.operations import Operations
from labkit.workshop import parse_span


def judge_class(operations: Operations, bundles: Sequence[EvidenceBundle]) -> Grades:
    """Return the verdicts as of the time of collection, so that grading again gives the same verdicts."""
    scenario = find_scenario(operations.workshop.scenario)
    return grade(
        scenario.checks_folder,
        bundles,
        workshop=operations.workshop.name,
        scenario=scenario.name,
        now=max((d.evidence.collected_at for d in bundles), default=operations.now()),
    )


def grade_class(
    operations: Operations,
    *,
    wait: str | None = None,
    save_to: Path | None = None,
    activity: bool = False,
) -> Grades:
    """Collect the evidence, save it if ``save_to`` is set, and judge the answers.

    If labkit can't collect a seat's evidence, all of the seat's verdicts are errors.
    """
    longest = parse_span(wait, "--wait") if wait else timedelta()
    results = collect_class(operations, wait=longest, activity=activity)
    bundles, failed = split_results(results)
    workshop = operations.workshop
    if save_to is not None:
        for bundle in bundles:
            save(Snapshot(workshop.name, workshop.scenario, bundle), save_to)
    grades = judge_class(operations, bundles)
    folder = find_scenario(workshop.scenario).checks_folder
    known = {graded.seat: graded for graded in grades.seats} | {
        seat.id: ungraded(folder, seat.id, operations.account_of(seat), error)
        for seat, error in failed
    }
    return replace(grades, seats=tuple(known[seat] for seat in operations.seat_ids))
