"""Grade a class: run one pytest session in this process and collect its verdicts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from labkit.errors import GraderError, LabkitError
from labkit.grading import checks
from labkit.grading.copying import find_possible_copies
from labkit.grading.judge import TIME_LIMIT_SECONDS
from labkit.grading.plugin import GradedSeat, GradingPlugin, from_snapshot
from labkit.grading.readiness import cannot_judge
from labkit.grading.tasks import Task
from labkit.model import EvidenceBundle, Grades, Question, SeatGrade, Verdict

# pytest plugins that checks don't need, including the terminal reporter: labkit.report writes the reports, and a check
# must not print anything.
_UNUSED_PLUGINS = (
    "cacheprovider", "capture", "debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging",
    "monkeypatch", "pastebin", "recwarn", "setuponly", "setupplan", "stepwise", "subtests", "terminal",
    "threadexception", "tmpdir", "unittest", "unraisableexception", "warnings",
)  # fmt: skip
# Folders next to the checks that hold no checks.
_NO_CHECK_FOLDERS = ("samples", "solver")
_EXPECTED_EXIT_CODES = {
    pytest.ExitCode.OK,
    pytest.ExitCode.TESTS_FAILED,
    pytest.ExitCode.NO_TESTS_COLLECTED,
}


def grade(
    folder: Path,
    bundles: Iterable[EvidenceBundle],
    *,
    workshop: str,
    scenario: str,
    now: datetime,
    limit: float = TIME_LIMIT_SECONDS,
) -> Grades:
    """The verdicts of a class according to the checks in ``folder``, seats and tasks in order.

    ``limit`` is how many seconds one check may take. Raises ``GraderError`` if pytest itself fails.
    """
    all_bundles = tuple(bundles)
    graded_seats = [GradedSeat(bundle.evidence.seat, lambda d=bundle: d) for bundle in all_bundles]  # type: ignore[misc]
    seats = [_seat(bundle) for bundle in all_bundles]
    return _grades(run(folder, graded_seats, limit), seats, workshop, scenario, now)


def grade_snapshots(
    folder: Path, snapshots: Sequence[Path], *, workshop: str, scenario: str, now: datetime
) -> Grades:
    """Like ``grade``, from snapshot files; only one is in memory at a time."""
    seats: dict[str, SeatGrade] = {}

    def graded_seat(path: Path) -> GradedSeat:
        unopened = from_snapshot(path)

        def opened() -> EvidenceBundle:
            bundle = unopened.open()
            seats[unopened.seat] = _seat(bundle)
            return bundle

        return GradedSeat(unopened.seat, opened)

    ran = run(folder, [graded_seat(path) for path in snapshots], TIME_LIMIT_SECONDS)
    return _grades(ran, seats.values(), workshop, scenario, now)


def _seat(bundle: EvidenceBundle) -> SeatGrade:
    """A seat without verdicts."""
    return SeatGrade(bundle.evidence.seat, bundle.evidence.account, (), bundle.activity)


def ungraded(folder: Path, seat: str, account: str, why: LabkitError) -> SeatGrade:
    """Return errors for every task of a seat whose evidence couldn't be collected; they don't count against the attendee.

    This includes tasks that might not apply, because only the evidence could tell.
    """
    judgement = cannot_judge(f"{why.message.rstrip('.')}: {why.hint.rstrip('.')}")
    verdicts = tuple(
        Verdict(file.name, judgement.outcome, judgement.message, 0.0, _max_points(file))
        for file in checks.load(folder)
    )
    return SeatGrade(seat, account, verdicts)


def _max_points(file: checks.TaskFile) -> float:
    return file.content.points if isinstance(file.content, Task) else 0.0


def run(folder: Path, graded_seats: Sequence[GradedSeat], limit: float) -> GradingPlugin:
    """Run one pytest session over every seat and task; the returned plugin holds the verdicts."""
    plugin = GradingPlugin(graded_seats, limit)
    arguments = [
        str(folder), "-c", os.devnull, "--rootdir", str(folder), "--noconftest", "--import-mode=importlib",
        "--disable-plugin-autoload", *(f"--ignore={folder / name}" for name in _NO_CHECK_FOLDERS), *(word for name in _UNUSED_PLUGINS for word in ("-p", f"no:{name}")),
    ]  # fmt: skip
    with _own_options():
        code = pytest.main(arguments, plugins=[plugin])
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if code not in _EXPECTED_EXIT_CODES:
        raise GraderError(
            f"The grader failed: pytest ended with {pytest.ExitCode(code).name}.",
            "Look at the scenario's checks. To see more, run: labkit grade --debug",
        )
    if plugin.faults:
        raise plugin.faults[0]
    return plugin


@contextmanager
def _own_options() -> Iterator[None]:
    """Ignore pytest options from the environment: they must not change a grade."""
    kept = {name: os.environ.pop(name, None) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")}
    try:
        yield
    finally:
        os.environ.update({name: value for name, value in kept.items() if value is not None})


def _grades(
    ran: GradingPlugin, seats: Iterable[SeatGrade], workshop: str, scenario: str, now: datetime
) -> Grades:
    files = sorted(ran.files.values(), key=lambda file: file.place)

    def verdicts(seat: str) -> Iterator[Verdict]:
        for file in files:
            verdict = ran.verdicts[seat, file.name]
            if verdict is not None:
                yield verdict

    return Grades(
        workshop=workshop,
        scenario=scenario,
        graded_at=now,
        seats=tuple(replace(seat, verdicts=tuple(verdicts(seat.seat))) for seat in seats),
        questions=tuple(question(file.content) for file in files if isinstance(file.content, Task)),
        possible_copies=find_possible_copies(files, ran.graded_seats, ran.wrong),
    )


def question(task: Task) -> Question:
    """A task as reports show it."""
    return Question(task.name, task.question, task.points, tuple(hint.text for hint in task.hints))
