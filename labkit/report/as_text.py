"""Show grades on a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from labkit.evidence.activity import activity_rows
from labkit.model import Grades, Outcome, SeatGrade, Verdict
from labkit.report.totals import max_score, points, row, score, tasks, title

_STYLE = {
    Outcome.PASSED: "green",
    Outcome.WRONG: "red",
    Outcome.ERROR: "magenta",
    Outcome.PENDING: "yellow",
    Outcome.UNANSWERED: "dim",
}
_EVERY_TASK = "all tasks"
_SHOWN_OUTCOMES = (Outcome.ERROR, Outcome.WRONG, Outcome.PENDING)


def class_table(grades: Grades) -> RenderableType:
    """Return a table with a row per seat and a column per task, with the messages below."""
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
    """Return a table of what a seat did, according to CloudTrail."""
    table = Table(box=None, pad_edge=False, title=Text(f"\n{seat.seat}"), title_justify="left")
    for name in ("UTC", "action", "details"):
        table.add_column(name, no_wrap=name != "details", overflow="fold")
    for row_ in activity_rows(seat.activity or ()):
        table.add_row(*map(Text, row_))
    return (
        table
        if seat.activity
        else Text(f"\n{seat.seat}: CloudTrail hasn't recorded any activity yet.")
    )


def seat_table(seat: SeatGrade) -> RenderableType:
    """Return a table of one seat's verdicts, with the messages."""
    table = Table(box=None, pad_edge=False)
    table.add_column("task", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("")
    for verdict in seat.verdicts:
        earned = f"{points(verdict.points)}/{points(verdict.max_points)}"
        spent = f" (hints: -{points(verdict.hint_cost)})" if verdict.hint_cost else ""
        table.add_row(
            Text(verdict.task), _outcome(verdict), earned, Text(f"{verdict.message}{spent}")
        )
    return Group(table, Text.assemble("\nscore ", _score(seat)))


def as_text(renderable: RenderableType, width: int = 80) -> str:
    """Render a table as plain text, without colors."""
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


def _messages(seat: SeatGrade) -> list[tuple[Outcome, str, str]]:
    """Return the outcome, task, and message of each verdict worth showing; one entry if they're all the same."""
    same = {(verdict.outcome, verdict.message) for verdict in seat.verdicts}
    if len(same) == 1 and len(seat.verdicts) > 1:
        ((outcome, message),) = same
        return [(outcome, _EVERY_TASK, message)] if outcome in _SHOWN_OUTCOMES else []
    return [(v.outcome, v.task, v.message) for v in seat.verdicts if v.outcome in _SHOWN_OUTCOMES]


def _remarks(grades: Grades) -> list[Text]:
    """Return the messages about answers that didn't pass, with their seats; errors come first."""
    order = tasks(grades.seats)
    found: dict[tuple[Outcome, str, str], list[str]] = {}
    for seat in grades.seats:
        for outcome, task, message in _messages(seat):
            found.setdefault((outcome, task, message), []).append(seat.seat)
    places = {_EVERY_TASK: -1} | {task: place for place, task in enumerate(order)}
    sorted_keys = sorted(found, key=lambda key: (_SHOWN_OUTCOMES.index(key[0]), places[key[1]]))
    lines = [
        Text.assemble(
            (f"{outcome}, {task}", _STYLE[outcome]), f" ({', '.join(found[key])}): {message}"
        )
        for key in sorted_keys
        for outcome, task, message in (key,)
    ]
    lines += [
        Text(f"possible copying: {copy.seat}'s answer to {copy.task} is correct for {copy.other}")
        for copy in grades.possible_copies
    ]
    return [Text(""), *lines] if lines else []
