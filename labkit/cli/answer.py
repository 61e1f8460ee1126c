"""``labkit answer``: submit an answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labkit.cli.common.app import Group, Verb, verb
from labkit.cli.common.options import DEFAULT_FILE, AsJson, OneSeat, TaskName, WorkshopFile, load

if TYPE_CHECKING:
    from labkit.grading.tasks import Task

_WITH_VALUE = ("--seat", "--workshop", "-w")
_FLAGS = ("--json", "--help", "--debug")
_AS_IS = "labkit.as_is"
"""Key in ``ctx.meta``: whether the values came after ``--``, so none of them can be a mistyped option."""
_OPTION = re.compile(r"--?[A-Za-z]")


class Answer(Verb):
    """Takes everything after TASK as the answer, dashes included, so that you can paste a command.

    labkit's own options can come before TASK, right after it, or at the very end.
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
            return [*own, values[-1]]  # The parser reports the missing value.
        while taken := _trailing(values):
            own, values = own + values[-taken:], values[:-taken]
        return [*own, "--", *values]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta[_AS_IS] = "--" in args
        return super().parse_args(ctx, args)


def _behind_task(args: list[str]) -> int | None:
    """The position after the first argument that is neither an option nor its value, or None."""
    at = 0
    while at < len(args) and args[at].startswith("-"):
        at += 2 if args[at] in _WITH_VALUE else 1
    return at + 1 if at < len(args) else None


def _leading(values: list[str]) -> int:
    """How many of the first values are one of labkit's own options."""
    if values and values[0] in _WITH_VALUE:
        return min(2, len(values))
    return int(bool(values) and _is_whole_option(values[0]))


def _trailing(values: list[str]) -> int:
    """How many of the last values are one of labkit's own options."""
    if len(values) > 1 and values[-2] in _WITH_VALUE:
        return 2
    return int(bool(values) and _is_whole_option(values[-1]))


def _is_whole_option(word: str) -> bool:
    return word in _FLAGS or word.startswith(("--seat=", "--workshop="))


@verb("answer", Group.ATTENDEE, cls=Answer)
def answer(
    ctx: typer.Context,
    task: TaskName = None,
    value: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VALUE",
            help="The answer: everything after TASK. Without it, labkit reads standard input.",
        ),
    ] = None,
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: OneSeat = None,
    as_json: AsJson = False,
) -> None:
    """Submit an answer. You can submit again. The latest answer counts, but a right one stays right.

    Without TASK, lists the tasks. Pass several values as several arguments, or one per line on standard input. Without
    a value, labkit prompts for one on a terminal; at the prompt, no shell changes quotation marks, >, or |.

    You can paste a command with its options after TASK. Put labkit's own options before TASK, right after it, or at
    the very end. Everything after -- is part of the answer.
    """
    from labkit.cli.common.answer_input import ask
    from labkit.cli.common.output import exit_with_tasks, print_json
    from labkit.errors import UsageError
    from labkit.grading.outcomes import Wrong
    from labkit.grading.types import Command
    from labkit.submissions import submit
    from labkit.workflow.attendee_seat import AttendeeSeat

    if task is None:
        exit_with_tasks(load(file))
    own = AttendeeSeat.of(load(file), seat)
    wanted = own.task(task)
    values = value or ask(wanted.question)
    if not any(part.strip() for part in values):
        raise UsageError("Your answer is empty.", f"Run: labkit answer {task} VALUE")
    try:
        read = wanted.read(tuple(values))
    except Wrong as error:
        raise UsageError(f"Not submitted: {error}", wanted.question.splitlines()[0]) from error
    is_command = isinstance(read, Command)
    if value and not (is_command or ctx.meta[_AS_IS]):
        _refuse_options(wanted, value)
    attempt = submit(own.account, own.workshop, own.seat.id, task, values)
    if as_json:
        print_json({"seat": own.seat.id, "task": task, "values": values, "attempt": attempt})
    else:
        by_grader = own.workshop.check == "grader"
        how = (
            "Your instructor's grader judges it"
            if by_grader
            else "To see the result, run 'labkit check'"
        )
        typer.echo(f"Submitted (attempt {attempt}). {how}.")
    if is_command and len(value or ()) > 1:
        _show_what_arrived(task, values)


def _refuse_options(task: Task, values: list[str]) -> None:
    """Raise ``UsageError`` if an answer that isn't a command contains an option: it's a typo and might name another seat."""
    from labkit.errors import UsageError

    for word in values:
        if _OPTION.match(word):
            raise UsageError(
                f"There is no option {word.partition('=')[0]!r}.",
                f"If it's part of your answer, run: labkit answer {task.name} -- VALUE",
            )


def _show_what_arrived(task: str, words: list[str]) -> None:
    """Show the answer as the shell passed it on."""
    import shlex

    from labkit.cli.common.output import printable

    line = " ".join(shlex.quote(word) if any(map(str.isspace, word)) else word for word in words)
    typer.echo(
        f"Received: {printable(line)}\n"
        "Your shell might have removed quotation marks, > and |, or $ variables.\n"
        f"To avoid that, run 'labkit answer {task}' and paste at the prompt.",
        err=True,
    )
