"""Grade a class: judge every seat in a process of its own, and collect the verdicts."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from labkit.errors import GraderError, LabkitError
from labkit.evidence.flows import FlowLog, as_line, parse
from labkit.grading import checks
from labkit.grading.judge import TIME_LIMIT_SECONDS, lost_message
from labkit.grading.messages import (
    Failed,
    GradedSeat,
    IsRight,
    Judged,
    JudgeSeat,
    Opened,
    Started,
    TryAnswers,
)
from labkit.grading.process import JudgingProcess, Lost
from labkit.grading.readiness import cannot_judge
from labkit.grading.tasks import Task
from labkit.grading.types import Values
from labkit.model import (
    EvidenceBundle,
    Grades,
    PossibleCopy,
    Question,
    SeatGrade,
    Verdict,
)

_FEW_RECORDS = 1000
SEAT_BUDGET_SECONDS = 20.0
"""How long judging one seat may take, all its tasks together."""
# Skip a check that takes this long to look for copies, because it would take as long for every pair of seats.
_PATIENCE_SECONDS = 1.0
# After this many seats for which a check gave no result, and none for which it did, the check is broken.
_HOPELESS_AFTER = 3


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

    ``limit`` is how many seconds one check may take. Raises ``GraderError`` if the checks can't be loaded.
    """
    seats = [GradedSeat(bundle.evidence.seat, _as_text(bundle)) for bundle in bundles]
    return _grade(folder, seats, workshop, scenario, now, limit)


def _as_text(bundle: EvidenceBundle) -> EvidenceBundle:
    """Return the bundle with its flow records as text, which is faster to send and to search."""
    records = bundle.evidence.flows
    if isinstance(records, FlowLog) or len(records) < _FEW_RECORDS:
        return bundle
    log = parse(as_line(record) for record in records)
    return replace(bundle, evidence=replace(bundle.evidence, flows=log))


def grade_snapshots(
    folder: Path, snapshots: Sequence[Path], *, workshop: str, scenario: str, now: datetime
) -> Grades:
    """Like ``grade``, from snapshot files; only one is in memory at a time."""
    seats = [GradedSeat(path.name.partition(".")[0], path) for path in snapshots]
    return _grade(folder, seats, workshop, scenario, now, TIME_LIMIT_SECONDS)


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


def question(task: Task) -> Question:
    """A task as reports show it."""
    return Question(task.name, task.question, task.points, tuple(hint.text for hint in task.hints))


def _max_points(file: checks.TaskFile) -> float:
    return file.content.points if isinstance(file.content, Task) else 0.0


def _grade(
    folder: Path,
    seats: Sequence[GradedSeat],
    workshop: str,
    scenario: str,
    now: datetime,
    limit: float,
) -> Grades:
    files = {file.name: file for file in checks.load(folder)}
    with JudgingProcess(folder) as process:
        session = _Session(process, files, limit)
        graded = tuple(session.seat(seat) for seat in seats)
        copies = session.copies(seats)
    tasks = [file.content for file in files.values() if isinstance(file.content, Task)]
    return Grades(workshop, scenario, now, graded, tuple(map(question, tasks)), copies)


@dataclass
class _Session:
    """Judges seat after seat, and remembers wrong answers and checks that give no result."""

    process: JudgingProcess
    files: Mapping[str, checks.TaskFile]
    limit: float
    wrong: dict[tuple[str, Values], list[str]] = field(default_factory=lambda: defaultdict(list))
    """The seats that gave a wrong answer to a unique task, by task and answer."""
    lost: Counter[str] = field(default_factory=Counter)
    """How often a check gave no result, by task."""
    ended: set[str] = field(default_factory=set)
    """The tasks whose check gave a result at least once."""

    def seat(self, seat: GradedSeat) -> SeatGrade:
        """Judge every task of a seat. Raises an exception if its evidence can't be opened."""
        one = _Seat(seat, [*self.files])
        budget = time.monotonic() + SEAT_BUDGET_SECONDS
        while one.left:
            for name in [n for n in one.left if self._is_hopeless(n)]:
                one.lose(name, self.files[name], f"no result after {self.limit:g} s for any seat")
            if not one.left:
                break
            try:
                self._ask(one, budget - time.monotonic())
            except Lost as error:
                self._after_loss(one, error.why, over_budget=time.monotonic() >= budget)
        return one.graded(self.files)

    def _ask(self, one: _Seat, budget: float) -> None:
        one.running = None
        request = JudgeSeat(one.seat, tuple(one.left))
        for reply in self.process.ask(request, self.limit, budget):
            match reply:
                case Opened(grade):
                    one.grade = grade
                case Failed(error):
                    raise error
                case Started():
                    one.running = reply
                case Judged(task, verdict, wrong):
                    self.ended.add(task)
                    one.keep(task, verdict)
                    if wrong is not None:
                        self.wrong[task, wrong].append(one.seat.seat)
                case _:
                    raise TypeError(reply)

    def _after_loss(self, one: _Seat, why: str, *, over_budget: bool) -> None:
        if one.running is None:
            raise GraderError(
                f"The evidence of {one.seat.seat} can't be opened: {why}.",
                "Collect it again, or leave the seat out with --seat.",
            )
        task = one.running.task
        self.lost[task] += 1
        one.lose(task, self.files[task], why)
        if over_budget:
            for name in list(one.left):
                why = f"all checks of a seat together may take {SEAT_BUDGET_SECONDS:g} s"
                one.lose(name, self.files[name], why)

    def _is_hopeless(self, task: str) -> bool:
        return self.lost[task] >= _HOPELESS_AFTER and task not in self.ended

    def copies(self, seats: Sequence[GradedSeat]) -> tuple[PossibleCopy, ...]:
        """Find wrong answers that are right for another seat."""
        found: list[PossibleCopy] = []
        skipped = set(self.lost)  # a check that hangs would hang again
        for seat in seats:
            answers = tuple(
                (task, values)
                for (task, values), givers in self.wrong.items()
                if task not in skipped and set(givers) != {seat.seat}
            )
            if not answers:
                continue
            for task, values in self._right_for(seat, answers, skipped):
                givers = self.wrong[task, values]
                found += [PossibleCopy(g, task, seat.seat) for g in givers if g != seat.seat]
        return tuple(sorted(set(found), key=lambda copy: (copy.seat, copy.task, copy.other)))

    def _right_for(
        self, seat: GradedSeat, answers: tuple[tuple[str, Values], ...], skipped: set[str]
    ) -> Iterator[tuple[str, Values]]:
        running = None
        try:
            request = TryAnswers(seat, answers)
            for reply in self.process.ask(request, _PATIENCE_SECONDS, SEAT_BUDGET_SECONDS):
                match reply:
                    case Started(task):
                        running = task
                    case IsRight(task, values):
                        yield task, values
                    case Failed(error):
                        raise error
                    case _:
                        raise TypeError(reply)
        except Lost:
            if running is not None:
                skipped.add(running)


@dataclass
class _Seat:
    """A seat that's being judged."""

    seat: GradedSeat
    left: list[str]
    """The tasks without a verdict."""
    grade: SeatGrade | None = None
    running: Started | None = None
    verdicts: dict[str, Verdict | None] = field(default_factory=dict)

    def keep(self, task: str, verdict: Verdict | None) -> None:
        self.verdicts[task] = verdict
        self.left.remove(task)
        self.running = None

    def lose(self, task: str, file: checks.TaskFile, why: str) -> None:
        """Give a task the verdict of a check that never came to an end."""
        known = self.running.if_lost if self.running and self.running.task == task else None
        plain = Verdict(task, cannot_judge(why).outcome, "", 0.0, _max_points(file))
        self.keep(task, replace(known or plain, message=lost_message(file, why)))

    def graded(self, files: Mapping[str, checks.TaskFile]) -> SeatGrade:
        if self.grade is None:  # no check of the scenario works
            source = self.seat.source
            account = source.evidence.account if isinstance(source, EvidenceBundle) else ""
            self.grade = SeatGrade(self.seat.seat, account, ())
        verdicts = (self.verdicts[name] for name in files)
        return replace(self.grade, verdicts=tuple(v for v in verdicts if v is not None))
