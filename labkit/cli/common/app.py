"""The typer application that the verbs register with, and how a verb's errors are told."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer
import typer.core

from labkit.cli import INTERRUPTED
from labkit.errors import LabkitError

DEBUG_FLAG = "--debug"

Function = TypeVar("Function", bound=Callable[..., Any])


class Verb(typer.core.TyperCommand):
    """A command that tells ``LabkitError`` in two lines, or lets its trace through with ``--debug``."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except LabkitError as error:
            if ctx.obj and ctx.obj.get("debug"):
                raise
            typer.echo(f"labkit: {error.message}\n  {error.hint}", err=True)
            raise typer.Exit(error.exit_code) from error
        except (KeyboardInterrupt, typer.Abort):
            sys.exit(INTERRUPTED)  # ``main`` tells it


app = typer.Typer(
    name="labkit",
    help="Security workshop labs on AWS, or on the embedded local AWS: set up, break, grade, take down.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
local_app = typer.Typer(
    name="local", help="The embedded AWS: no account, no bill.", no_args_is_help=True
)
app.add_typer(local_app)


def verb(name: str, under: typer.Typer = app) -> Callable[[Function], Function]:
    """Register a function as a verb."""
    return under.command(name, cls=Verb)


def split_debug(arguments: list[str]) -> tuple[list[str], bool]:
    """The arguments without ``--debug``, which may stand anywhere before ``--``, and whether it did."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    head = [argument for argument in arguments[:end] if argument != DEBUG_FLAG]
    return [*head, *arguments[end:]], len(head) != end


@app.callback()
def _root(
    *,
    debug: Annotated[
        bool, typer.Option(DEBUG_FLAG, help="Show the trace of an error (with any command).")
    ] = False,
) -> None:
    """Set up, break, grade and take down security workshop labs."""
    del debug  # taken out of the arguments before they get here, so that it may stand anywhere
