"""The typer application that commands register with, and how it reports their errors."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import typer
import typer.core

from labkit import __version__
from labkit.cli.common.exit_codes import INTERRUPTED
from labkit.cli.common.output import fold
from labkit.errors import LabkitError

DEBUG_FLAG = "--debug"

Function = TypeVar("Function", bound=Callable[..., Any])


class Group(StrEnum):
    """Who a command is for, in the order that help lists them."""

    INSTRUCTOR = "For instructors"
    ATTENDEE = "For attendees"
    TOOLS = "Tools"


class Verb(typer.core.TyperCommand):
    """A command that reports a ``LabkitError`` in two lines or, with ``--debug``, as a traceback."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest, debug = split_debug(self.arrange(args))
        _note(ctx, debug=debug)
        return super().parse_args(ctx, rest)

    def arrange(self, args: list[str]) -> list[str]:
        """The arguments in the order to parse them; commands with their own rules override this."""
        return args

    def invoke(self, ctx: Any) -> Any:
        return _report_errors(ctx, super().invoke)


class Verbs(typer.core.TyperGroup):
    """A group of commands; ``--debug`` can also come before their names."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's
        """Write each command with the whole first sentence of its help, grouped by who it's for."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name in sorted(self.commands):
            command = self.commands[name]
            title = str(getattr(command, "rich_help_panel", None) or "Commands")
            sections.setdefault(title, []).append((name, _first_sentence(command.help or "")))
        for title in ("Commands", *map(str, Group)):
            if title in sections:
                with formatter.section(title):
                    formatter.write_dl(sections[title])

    def invoke(self, ctx: Any) -> Any:
        return _report_errors(ctx, super().invoke)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        behind = next((at for at, word in enumerate(args) if word != DEBUG_FLAG), len(args))
        _note(ctx, debug=behind > 0)
        return super().parse_args(ctx, args[behind:])


def _first_sentence(text: str) -> str:
    paragraph = " ".join(text.partition("\n\n")[0].split())
    return re.split(r"(?<=[.!?]) ", paragraph, maxsplit=1)[0]


def _report_errors(ctx: Any, invoke: Callable[[Any], Any]) -> Any:
    try:
        return invoke(ctx)
    except LabkitError as error:
        if ctx.obj["debug"]:
            raise
        typer.echo(fold(f"labkit: {error.message}", sys.stderr), err=True)
        typer.echo(fold(f"  {error.hint}", sys.stderr, indent="  "), err=True)
        raise typer.Exit(error.exit_code) from error
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(INTERRUPTED)  # ``main`` reports it


def _note(ctx: Any, *, debug: bool) -> None:
    """Record whether to show tracebacks; a command inherits the setting from its group."""
    ctx.obj = {"debug": debug or (ctx.obj is not None and ctx.obj["debug"])}


app = typer.Typer(
    name="labkit",
    cls=Verbs,
    help="Run AWS security workshops, on real AWS or on the built-in AWS emulator.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
local_app = typer.Typer(
    name="local",
    cls=Verbs,
    help="Run the built-in AWS emulator: no account, no bill.",
    no_args_is_help=True,
)
app.add_typer(local_app, rich_help_panel=Group.TOOLS)


def verb(
    name: str, group: Group | None = None, *, under: typer.Typer = app, cls: type[Verb] = Verb
) -> Callable[[Function], Function]:
    """Register a function as a command; ``group`` says who it's for."""
    return under.command(name, cls=cls, rich_help_panel=group)


def split_debug(arguments: list[str]) -> tuple[list[str], bool]:
    """The arguments without ``--debug``, which can be anywhere before ``--``, and whether it was there."""
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
        bool,
        typer.Option(DEBUG_FLAG, help="Show the traceback of an error (works with any command)."),
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version."),
    ] = False,
) -> None:
    """Run AWS security workshops, on real AWS or on the built-in AWS emulator."""
    # ``Verbs`` and ``Verb`` have already removed ``--debug`` from the arguments, so it can be anywhere.
    del debug, version
