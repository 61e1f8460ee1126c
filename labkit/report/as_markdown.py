"""The grades as Markdown, to be pasted into a wiki, a merge request or a chat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from labkit.model import Grades, Outcome, SeatGrade
from labkit.report.as_html import SIGN, hints_of, typically
from labkit.report.figures import needing_help, plain, task_figures
from labkit.report.sums import max_score, points, row, score, stamp, tasks

# What begins something in Markdown or is HTML; text of attendees must stay text.
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&])")


def as_markdown(grades: Grades) -> str:
    """The class as Markdown with tables (GitHub's kind)."""
    return "\n".join(_lines(grades)) + "\n"


def escaped(text: str) -> str:
    """Text that means nothing to Markdown, in one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of cells that are Markdown already."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for cells in rows:
        yield f"| {' | '.join(cells)} |"


def _lines(grades: Grades) -> Iterator[str]:
    yield f"# {escaped(grades.workshop)}"
    yield ""
    yield f"Scenario {escaped(grades.scenario)}, graded at {stamp(grades.graded_at)}"
    if helps := needing_help(grades):
        yield "\n## Who needs help now\n"
        for needs in helps:
            yield f"- **{escaped(needs.seat)}**: {escaped('; '.join(needs.reasons))}"
    if grades.possible_copies:
        yield "\n## Answers of other seats\n"
        yield "Wrong where they were given, right in another seat: a sign and not a verdict.\n"
        for sign in grades.possible_copies:
            where = f"the answer to {plain(sign.task)} is right in {sign.other}"
            yield f"- **{escaped(sign.seat)}**: {escaped(where)}"
    if grades.seats:
        yield from _tasks(grades)
        yield from _class(grades)


def _tasks(grades: Grades) -> Iterator[str]:
    yield "\n## Task by task\n"
    yield "Attempts and times are the medians of the seats that solved the task.\n"
    head = ("Task", "Question", "Solved", "Attempts", "After the incident", "Hints taken")
    yield from table(
        head,
        (
            (
                escaped(plain(task.name)),
                escaped(task.question),
                f"{task.solved} of {task.asked}",
                *typically(task),
                ", ".join(hints_of(task)) or "none",
            )
            for task in task_figures(grades)
        ),
    )


def _class(grades: Grades) -> Iterator[str]:
    names = tasks(grades.seats)
    yield "\n## The class\n"
    yield from table(
        ("Seat", *(escaped(plain(name)) for name in names), "Score"),
        (_row(seat, names) for seat in grades.seats),
    )
    told = [
        f"- **{escaped(seat.seat)}**, {escaped(plain(v.task))}: {escaped(v.message)}"
        for seat in grades.seats
        for v in seat.verdicts
        if v.outcome not in {Outcome.PASSED, Outcome.UNANSWERED}
    ]
    if told:
        yield "\n## What was said\n"
        yield from told


def _row(seat: SeatGrade, names: Sequence[str]) -> tuple[str, ...]:
    cells = (
        "\u2013" if v is None else f"{escaped(SIGN[v.outcome])} {v.outcome.value}"
        for v in row(seat, names)
    )
    return escaped(seat.seat), *cells, f"{points(score(seat))} / {points(max_score(seat))}"
