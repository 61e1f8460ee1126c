"""Grade saved snapshots. Nothing here imports a module that talks to AWS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from labkit.errors import UsageError
from labkit.evidence.snapshot import load, paths
from labkit.grading.session import grade_snapshots as judge_snapshots
from labkit.model import EvidenceBundle, Grades, Workshop
from labkit.scenario import find_scenario
from labkit.workflow.seats import choose_seats


def grade_snapshots(
    workshop: Workshop, folder: Path, wanted: Sequence[str] | None, *, activity: bool = False
) -> Grades:
    """Return the verdicts on saved snapshots, without AWS; ``activity`` includes what the attendees did."""
    files = _snapshots(workshop, folder, wanted)
    scenario = find_scenario(workshop.scenario)
    collected_at = max(load(path).bundle.evidence.collected_at for path in files)
    grades = judge_snapshots(
        scenario.checks_folder,
        files,
        workshop=workshop.name,
        scenario=scenario.name,
        now=collected_at,
    )
    if not activity:
        return replace(grades, seats=tuple(replace(seat, activity=None) for seat in grades.seats))
    if all(seat.activity is None for seat in grades.seats):
        raise UsageError(
            f"The snapshots in {folder} don't include what the attendees did.",
            "To include it, save them with: labkit grade --activity --save-evidence DIR",
        )
    return grades


def load_bundles(
    workshop: Workshop, folder: Path, wanted: Sequence[str] | None
) -> Iterator[EvidenceBundle]:
    """The saved bundle of each seat, read one at a time."""
    return (load(path).bundle for path in _snapshots(workshop, folder, wanted))


def _snapshots(workshop: Workshop, folder: Path, wanted: Sequence[str] | None) -> list[Path]:
    """Return the snapshots of these seats; raises ``UsageError`` if there are none, or if they're another workshop's."""
    chosen = choose_seats(workshop, wanted) if wanted else None
    files = [path for path in paths(folder) if chosen is None or path.name.split(".")[0] in chosen]
    first = load(files[0]) if files else None
    if first is None:
        raise UsageError(f"{folder} has no snapshots of these seats.", "Check the folder.")
    if (first.workshop, first.scenario) != (workshop.name, workshop.scenario):
        raise UsageError(
            f"The snapshots in {folder} belong to the workshop {first.workshop} ({first.scenario}).",
            "Pass its workshop.toml with -w.",
        )
    return files
