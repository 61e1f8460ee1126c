"""The grades as Markdown, for a wiki, a merge request, or a chat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from labkit.model import Grades, Outcome, SeatGrade
from labkit.report.as_html import OUTCOME_SYMBOL, hints_of, typically
from labkit.report.class_statistics import needing_help, task_label, task_statistics
from labkit.report.totals import max_score, points, row, score, tasks, utc_timestamp

# Characters that start Markdown or HTML; attendees' text must stay text.
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&])")


def as_markdown(grades: Grades) -> str:
    """Return the grades as Markdown with tables in GitHub's syntax."""
    return "\n".join(_lines(grades)) + "\n"


def escaped(text: str) -> str:
    """Put text on one line and escape it for Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table; its cells must already be Markdown."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for cells in rows:
        yield f"| {' | '.join(cells)} |"


def _lines(grades: Grades) -> Iterator[str]:
    yield f"# {escaped(grades.workshop)}"
    yield ""
    yield f"Scenario {escaped(grades.scenario)}, graded at {utc_timestamp(grades.graded_at)}"
    if helps := needing_help(grades):
        yield "\n## Who needs help now\n"
        for needs in helps:
            yield f"- **{escaped(needs.seat)}**: {escaped('; '.join(needs.reasons))}"
    if grades.possible_copies:
        yield "\n## Possible copying\n"
        yield (
            "These answers are wrong for the seat that submitted them but correct for another seat. That doesn't prove "
            "copying, so ask before you draw conclusions.\n"
        )
        for copy in grades.possible_copies:
            where = f"the answer to {task_label(copy.task)} is correct for {copy.other}"
            yield f"- **{escaped(copy.seat)}**: {escaped(where)}"
    if grades.seats:
        yield from _tasks(grades)
        yield from _class(grades)


def _tasks(grades: Grades) -> Iterator[str]:
    yield "\n## Results by task\n"
    yield "Attempts and times are medians over the seats that solved the task.\n"
    head = ("Task", "Question", "Solved", "Attempts", "Time after the incident", "Hints taken")
    yield from table(
        head,
        (
            (
                escaped(task_label(task.name)),
                escaped(task.question),
                f"{task.solved} of {task.seats}",
                *typically(task),
                ", ".join(hints_of(task)) or "none",
            )
            for task in task_statistics(grades)
        ),
    )


def _class(grades: Grades) -> Iterator[str]:
    names = tasks(grades.seats)
    yield "\n## Results by seat\n"
    yield from table(
        ("Seat", *(escaped(task_label(name)) for name in names), "Score"),
        (_row(seat, names) for seat in grades.seats),
    )
    messages = [
        f"- **{escaped(seat.seat)}**, {escaped(task_label(v.task))}: {escaped(v.message)}"
        for seat in grades.seats
        for v in seat.verdicts
        if v.outcome not in {Outcome.PASSED, Outcome.UNANSWERED}
    ]
    if messages:
        yield "\n## Feedback\n"
        yield from messages


def _row(seat: SeatGrade, names: Sequence[str]) -> tuple[str, ...]:
    cells = (
        "\u2013" if v is None else f"{escaped(OUTCOME_SYMBOL[v.outcome])} {v.outcome.value}"
        for v in row(seat, names)
    )
    return escaped(seat.seat), *cells, f"{points(score(seat))} / {points(max_score(seat))}"
