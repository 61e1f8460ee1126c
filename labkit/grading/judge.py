"""Grading a class: one pytest session in this process, and the verdicts out of it."""

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
from labkit.grading.plugin import GradedSeat, GradingPlugin, from_snapshot
from labkit.grading.readiness import cannot_judge
from labkit.grading.tasks import Task
from labkit.grading.verdicts import TIME_LIMIT_SECONDS
from labkit.model import EvidenceBundle, Grades, Question, SeatGrade, Verdict

# What pytest does for tests and checks have no use for. Its terminal is left out too: a class is reported
# by labkit.report, and nothing of a check may be printed by the way.
_WITHOUT = (
    "cacheprovider", "capture", "debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging",
    "monkeypatch", "pastebin", "recwarn", "setuponly", "setupplan", "stepwise", "subtests", "terminal",
    "threadexception", "tmpdir", "unittest", "unraisableexception", "warnings",
)  # fmt: skip
# Beside the checks, and of no use here.
_NO_CHECKS = ("samples", "solver")
_FINE = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED}


def grade(
    folder: Path,
    bundles: Iterable[EvidenceBundle],
    *,
    workshop: str,
    scenario: str,
    now: datetime,
    limit: float = TIME_LIMIT_SECONDS,
) -> Grades:
    """The verdicts of a class by the checks in ``folder``, seats and tasks in their order.

    ``limit``: seconds that one check may take. Raises ``GraderError`` if pytest itself does not work.
    """
    held = tuple(bundles)
    graded_seats = [GradedSeat(bundle.evidence.seat, lambda d=bundle: d) for bundle in held]  # type: ignore[misc]
    seats = [_seat(bundle) for bundle in held]
    return _grades(run(folder, graded_seats, limit), seats, workshop, scenario, now)


def grade_snapshots(
    folder: Path, snapshots: Sequence[Path], *, workshop: str, scenario: str, now: datetime
) -> Grades:
    """As ``grade``, from snapshot files, of which one at a time is held."""
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
    """A seat that has not been judged."""
    return SeatGrade(bundle.evidence.seat, bundle.evidence.account, (), bundle.activity)


def ungraded(folder: Path, seat: str, account: str, why: LabkitError) -> SeatGrade:
    """A seat whose evidence could not be collected: an error for every task, held against nobody.

    Tasks that might not have applied are among them, since that cannot be known.
    """
    said = cannot_judge(f"{why.message.rstrip('.')}: {why.hint.rstrip('.')}")
    verdicts = tuple(
        Verdict(file.name, said.outcome, said.message, 0.0, _most(file))
        for file in checks.load(folder)
    )
    return SeatGrade(seat, account, verdicts)


def _most(file: checks.TaskFile) -> float:
    return file.content.points if isinstance(file.content, Task) else 0.0


def run(folder: Path, graded_seats: Sequence[GradedSeat], limit: float) -> GradingPlugin:
    """One pytest session over every seat and task; the plug-in that ran holds the verdicts."""
    plugin = GradingPlugin(graded_seats, limit)
    arguments = [
        str(folder), "-c", os.devnull, "--rootdir", str(folder), "--noconftest", "--import-mode=importlib",
        "--disable-plugin-autoload", *(f"--ignore={folder / name}" for name in _NO_CHECKS), *(word for name in _WITHOUT for word in ("-p", f"no:{name}")),
    ]  # fmt: skip
    with _own_options():
        code = pytest.main(arguments, plugins=[plugin])
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if code not in _FINE:
        raise GraderError(
            f"The grader failed: pytest ended with {pytest.ExitCode(code).name}.",
            "Look at the checks of the scenario; 'labkit grade --debug' shows more.",
        )
    if plugin.faults:
        raise plugin.faults[0]
    return plugin


@contextmanager
def _own_options() -> Iterator[None]:
    """Options that somebody set for their tests must not change a grade."""
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
    """What a report says of a task."""
    return Question(task.name, task.question, task.points, tuple(hint.text for hint in task.hints))
