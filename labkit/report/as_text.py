"""Grades on a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from labkit.evidence.activity import spoken
from labkit.model import Grades, Outcome, SeatGrade, Verdict
from labkit.report.sums import max_score, points, row, score, tasks, title

_STYLE = {
    Outcome.PASSED: "green",
    Outcome.WRONG: "red",
    Outcome.ERROR: "magenta",
    Outcome.PENDING: "yellow",
    Outcome.UNANSWERED: "dim",
}
_EVERY_TASK = "in every task"
_TOLD = (Outcome.ERROR, Outcome.WRONG, Outcome.PENDING)


def class_table(grades: Grades) -> RenderableType:
    """The class as a matrix, and below it what was told to whom."""
    names = tasks(grades.seats)
    table = Table(
        title=Text(title(grades)),
        box=None,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        title_justify="left",
    )
    table.add_column("seat", no_wrap=True)
    for name in names:
        table.add_column(name.replace("_", " "), overflow="fold")
    table.add_column("score", justify="right", no_wrap=True)
    for seat in grades.seats:
        table.add_row(Text(seat.seat), *(_cell(v) for v in row(seat, names)), _score(seat))
    return Group(table, *_remarks(grades))


def time_line(seat: SeatGrade) -> RenderableType:
    """What a seat did, as it was recorded."""
    table = Table(box=None, pad_edge=False, title=Text(f"\n{seat.seat}"), title_justify="left")
    for name in ("UTC", "what", "of what"):
        table.add_column(name, no_wrap=name != "of what", overflow="fold")
    for row_ in spoken(seat.activity or ()):
        table.add_row(*map(Text, row_))
    return table if seat.activity else Text(f"\n{seat.seat}: nothing is recorded so far.")


def seat_table(seat: SeatGrade) -> RenderableType:
    """One seat, task by task, with what is said to the attendee."""
    table = Table(box=None, pad_edge=False)
    table.add_column("task", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("")
    for verdict in seat.verdicts:
        earned = f"{points(verdict.points)}/{points(verdict.max_points)}"
        table.add_row(Text(verdict.task), _outcome(verdict), earned, Text(verdict.message))
    return Group(table, Text.assemble("\nscore ", _score(seat)))


def as_text(renderable: RenderableType, width: int = 80) -> str:
    """A table as plain text, without colours."""
    console = Console(width=width, no_color=True, force_terminal=False, color_system=None)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def _cell(verdict: Verdict | None) -> Text:
    if verdict is None:
        return Text("n/a", style="dim")
    return _outcome(verdict)


def _outcome(verdict: Verdict) -> Text:
    word = "-" if verdict.outcome is Outcome.UNANSWERED else verdict.outcome.value
    return Text(word, style=_STYLE[verdict.outcome])


def _score(seat: SeatGrade) -> Text:
    return Text(f"{points(score(seat))}/{points(max_score(seat))}")


def _told(seat: SeatGrade) -> list[tuple[Outcome, str, str]]:
    """Outcome, task and message of what is to be told of a seat; once, if it is the same of every task."""
    same = {(verdict.outcome, verdict.message) for verdict in seat.verdicts}
    if len(same) == 1 and len(seat.verdicts) > 1:
        ((outcome, message),) = same
        return [(outcome, _EVERY_TASK, message)] if outcome in _TOLD else []
    return [(v.outcome, v.task, v.message) for v in seat.verdicts if v.outcome in _TOLD]


def _remarks(grades: Grades) -> list[Text]:
    """What was said about answers that did not pass, and to whom; errors first, they need somebody."""
    order = tasks(grades.seats)
    found: dict[tuple[Outcome, str, str], list[str]] = {}
    for seat in grades.seats:
        for outcome, task, message in _told(seat):
            found.setdefault((outcome, task, message), []).append(seat.seat)
    places = {_EVERY_TASK: -1} | {task: place for place, task in enumerate(order)}
    sorted_keys = sorted(found, key=lambda key: (_TOLD.index(key[0]), places[key[1]]))
    lines = [
        Text.assemble(
            (f"{outcome} {task}", _STYLE[outcome]), f" ({', '.join(found[key])}): {message}"
        )
        for key in sorted_keys
        for outcome, task, message in (key,)
    ]
    lines += [
        Text(f"sign: the answer of {sign.seat} to {sign.task} is right in {sign.other}")
        for sign in grades.possible_copies
    ]
    return [Text(""), *lines] if lines else []
