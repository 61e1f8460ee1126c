"""The typer application that the verbs register with, and how a verb's errors are told."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer
import typer.core

from labkit import __version__
from labkit.cli.common.exit_codes import INTERRUPTED
from labkit.errors import LabkitError

DEBUG_FLAG = "--debug"

Function = TypeVar("Function", bound=Callable[..., Any])


class Verb(typer.core.TyperCommand):
    """A command that tells ``LabkitError`` in two lines, or lets its trace through with ``--debug``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest, debug = split_debug(self.arrange(args))
        _note(ctx, debug=debug)
        return super().parse_args(ctx, rest)

    def arrange(self, args: list[str]) -> list[str]:
        """The arguments as they are to be read; for verbs with rules of their own."""
        return args

    def invoke(self, ctx: Any) -> Any:
        return _telling_errors(ctx, super().invoke)


class Verbs(typer.core.TyperGroup):
    """A command that leads to others; ``--debug`` may stand before their names as well."""

    def invoke(self, ctx: Any) -> Any:
        return _telling_errors(ctx, super().invoke)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        behind = next((at for at, word in enumerate(args) if word != DEBUG_FLAG), len(args))
        _note(ctx, debug=behind > 0)
        return super().parse_args(ctx, args[behind:])


def _telling_errors(ctx: Any, invoke: Callable[[Any], Any]) -> Any:
    try:
        return invoke(ctx)
    except LabkitError as error:
        if ctx.obj["debug"]:
            raise
        typer.echo(f"labkit: {error.message}\n  {error.hint}", err=True)
        raise typer.Exit(error.exit_code) from error
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(INTERRUPTED)  # ``main`` tells it


def _note(ctx: Any, *, debug: bool) -> None:
    """Whether errors are shown with their trace; a command has it from the one above, or by itself."""
    ctx.obj = {"debug": debug or (ctx.obj is not None and ctx.obj["debug"])}


app = typer.Typer(
    name="labkit",
    cls=Verbs,
    help="Security workshop labs on AWS, or on the embedded local AWS: set up, break, grade, take down.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
local_app = typer.Typer(
    name="local", cls=Verbs, help="The embedded AWS: no account, no bill.", no_args_is_help=True
)
app.add_typer(local_app)


def verb(
    name: str, under: typer.Typer = app, cls: type[Verb] = Verb
) -> Callable[[Function], Function]:
    """Register a function as a verb."""
    return under.command(name, cls=cls)


def split_debug(arguments: list[str]) -> tuple[list[str], bool]:
    """The arguments without ``--debug``, which may stand anywhere before ``--``, and whether it did."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    head = [argument for argument in arguments[:end] if argument != DEBUG_FLAG]
    return [*head, *arguments[end:]], len(head) != end


def _show_version(value: bool) -> None:  # noqa: FBT001 - how typer calls it
    if value:
        typer.echo(f"labkit {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    debug: Annotated[
        bool, typer.Option(DEBUG_FLAG, help="Show the trace of an error (with any command).")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version."),
    ] = False,
) -> None:
    """Set up, break, grade and take down security workshop labs."""
    # ``--debug`` is taken out of the arguments before they get here, so that it may stand anywhere.
    del debug, version
