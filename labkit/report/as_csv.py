"""The class as a table for a spreadsheet: one row per seat, several columns per task."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from labkit.model import Grades, SeatGrade
from labkit.report.totals import max_score, points, row, score, tasks

# A spreadsheet treats cells that begin with these characters as formulas (OWASP, "CSV Injection"). A message that
# repeats an answer must not become one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Without it, Excel doesn't read the file as UTF-8.
_BYTE_ORDER_MARK = "\ufeff"


def as_csv(grades: Grades) -> str:
    """Return the grades as CSV; write them as UTF-8 without converting line ends."""
    names = tasks(grades.seats)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["seat", "account", "score", "max_score", *_headings(names)])
    for seat in grades.seats:
        numbers = (points(score(seat)), points(max_score(seat)))
        cells = (seat.seat, _account(seat.account), *numbers, *_cells(seat, names))
        writer.writerow([_safe(cell) for cell in cells])
    return _BYTE_ORDER_MARK + out.getvalue()


def _headings(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield from (name, f"{name} points", f"{name} attempts", f"{name} hints", f"{name} message")


def _cells(seat: SeatGrade, names: Sequence[str]) -> Iterator[str]:
    for verdict in row(seat, names):
        if verdict is None:
            yield from ("", "", "", "", "")
            continue
        yield verdict.outcome.value
        yield points(verdict.points)
        yield str(verdict.attempts)
        yield str(verdict.hints_used)
        yield verdict.message


def _account(account: str) -> str:
    """Return an account ID, with hyphens if it begins with 0, because a spreadsheet would drop the leading zeros."""
    return "-".join((account[:4], account[4:8], account[8:])) if account[:1] == "0" else account


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
