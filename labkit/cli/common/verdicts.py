"""Verdicts and leftovers on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from labkit.cli.common.shown import print_json
from labkit.model import Grades, Outcome
from labkit.report.as_json import as_json as report_json
from labkit.report.as_text import class_table, time_line

if TYPE_CHECKING:
    from labkit.cli.common.work import Row


def show(grades: Grades, *, as_json: bool, out: Path | None) -> None:
    """Print the verdicts, and write them to a folder if asked to."""
    if as_json:
        print_json(report_json(grades))
    else:
        console = Console()
        console.print(class_table(grades))
        for seat in grades.seats:
            if seat.activity is not None:
                console.print(time_line(seat))
    if out is not None:
        from labkit.report.write import write_all

        for path in write_all(grades, out):
            typer.echo(f"Wrote {path}.", err=True)


def exit_code(grades: Grades) -> int:
    """3 where the grader could not judge, 1 where something did not pass, 0 where all did."""
    outcomes = {verdict.outcome for seat in grades.seats for verdict in seat.verdicts}
    if Outcome.ERROR in outcomes:
        return 3
    return 0 if outcomes <= {Outcome.PASSED} else 1


def show_demo(grades: Grades, removed: list[Row], seconds: float) -> None:
    """The end of the demo: who found what, and what is left of it all."""
    console = Console()
    console.print()
    console.print(class_table(grades))
    console.print()
    for row in removed:
        by_itself = len(row["goes_by_itself"])
        gone = f" ({by_itself} terminated server(s) go by themselves)" if by_itself else ""
        typer.echo(f"account {row['account']} of {row['seat']}: {row['detail']}{gone}")
    typer.echo(f"\nThe whole story took {seconds:.1f} s.")
