"""``labkit answer``: submit an answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labkit.cli.common.app import Verb, verb
from labkit.cli.common.options import DEFAULT_FILE, AsJson, OneSeat, WorkshopFile, load

if TYPE_CHECKING:
    from labkit.grading.tasks import Task

_WITH_VALUE = ("--seat", "--workshop", "-w")
_FLAGS = ("--json", "--help", "--debug")
_AS_IS = "labkit.as_is"
"""Where ``ctx.meta`` says that the values stood behind ``--``, so that none is a misspelt option."""
_OPTION = re.compile(r"--?[A-Za-z]")


class Answer(Verb):
    """Takes what stands behind TASK as the answer, dashes and all, so that a command can be pasted.

    Options of labkit's own are those before TASK, right behind it and at the very end.
    """

    def arrange(self, args: list[str]) -> list[str]:
        start = _behind_task(args)
        if start is None or "--" in args[:start]:
            return args
        own, values = args[:start], args[start:]
        while taken := _leading(values):
            own, values = own + values[:taken], values[taken:]
        if values[:1] == ["--"]:
            return [*own, *values]
        if values and values[-1] in _WITH_VALUE[:2]:
            return [*own, values[-1]]  # what it needs is missing, and that is said
        while taken := _trailing(values):
            own, values = own + values[-taken:], values[:-taken]
        return [*own, "--", *values]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta[_AS_IS] = "--" in args
        return super().parse_args(ctx, args)


def _behind_task(args: list[str]) -> int | None:
    """The place behind the first argument that is neither an option nor its value; None without one."""
    at = 0
    while at < len(args) and args[at].startswith("-"):
        at += 2 if args[at] in _WITH_VALUE else 1
    return at + 1 if at < len(args) else None


def _leading(values: list[str]) -> int:
    """How many of the first values are an option of labkit's own."""
    if values and values[0] in _WITH_VALUE:
        return min(2, len(values))
    return int(bool(values) and _is_whole_option(values[0]))


def _trailing(values: list[str]) -> int:
    """How many of the last values are an option of labkit's own."""
    if len(values) > 1 and values[-2] in _WITH_VALUE:
        return 2
    return int(bool(values) and _is_whole_option(values[-1]))


def _is_whole_option(word: str) -> bool:
    return word in _FLAGS or word.startswith(("--seat=", "--workshop="))


@verb("answer", cls=Answer)
def answer(
    ctx: typer.Context,
    task: Annotated[str, typer.Argument(metavar="TASK", help="Which task.")],
    value: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VALUE",
            help="The answer, all that stands behind TASK; read from standard input if missing.",
        ),
    ] = None,
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: OneSeat = None,
    as_json: AsJson = False,
) -> None:
    """Hand in an answer; it may be handed in again.

    Several values are several arguments, or one a line on standard input. On a terminal a missing value
    is asked for: no shell gets at quotes, > or | then.

    A command may be pasted behind TASK with its own options. Options of labkit's own stand before TASK, right
    behind it, or at the very end; behind -- nothing is an option.
    """
    from labkit.cli.common.answer_input import ask
    from labkit.cli.common.output import print_json
    from labkit.errors import UsageError
    from labkit.grading.outcomes import Wrong
    from labkit.grading.types import Command
    from labkit.submissions import submit
    from labkit.workflow.attendee_seat import AttendeeSeat

    own = AttendeeSeat.of(load(file), seat)
    wanted = own.task(task)
    values = value or ask(wanted.question)
    if not any(part.strip() for part in values):
        raise UsageError("The answer is empty.", f"labkit answer {task} VALUE")
    try:
        read = wanted.read(tuple(values))
    except Wrong as error:
        raise UsageError(f"Not handed in: {error}", wanted.question.splitlines()[0]) from error
    is_command = isinstance(read, Command)
    if value and not (is_command or ctx.meta[_AS_IS]):
        _refuse_options(wanted, value)
    attempt = submit(own.account, own.workshop, own.seat.id, task, values)
    if as_json:
        print_json({"seat": own.seat.id, "task": task, "values": values, "attempt": attempt})
    else:
        typer.echo(f"Handed in (attempt {attempt}). 'labkit check' says how it stands.")
    if is_command and len(value or ()) > 1:
        _tell_what_came(task, values)


def _refuse_options(task: Task, values: list[str]) -> None:
    """No answer but a command has options, so what looks like one is a slip, and may name another seat."""
    from labkit.errors import UsageError

    for word in values:
        if _OPTION.match(word):
            raise UsageError(
                f"There is no option {word.partition('=')[0]!r}.",
                f"If it belongs to the answer: labkit answer {task.name} -- VALUE",
            )


def _tell_what_came(task: str, words: list[str]) -> None:
    """The shell takes away what it acts on before labkit sees it."""
    import shlex

    from labkit.cli.common.output import printable

    line = " ".join(shlex.quote(word) if any(map(str.isspace, word)) else word for word in words)
    typer.echo(
        f"What came here: {printable(line)}\n"
        "Your shell may have taken a part: quotation marks, > and |, $ and what follows.\n"
        f"To keep it out, type 'labkit answer {task}' alone, and paste when asked.",
        err=True,
    )
