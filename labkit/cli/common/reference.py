"""Generate ``docs/cli.md``: ``python -m labkit.cli.common.reference > docs/cli.md``.

The page comes from the typer application, so no command, option, or default is missing or out of date. A test
compares the file with the output.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import Any

import typer
import typer.main

from labkit import errors
from labkit.cli import load_verbs
from labkit.cli.common.app import app
from labkit.cli.common.exit_codes import INTERRUPTED
from labkit.cli.common.options import SEAT_VARIABLE
from labkit.embedded_aws import DEFAULT_PORT
from labkit.simulate.source_address import CHECKIP_URL

HEAD = """\
# Commands

`make docs` generates this page from the code; don't edit it. `labkit COMMAND --help` says the same. Every command also
takes `--help`, and `--debug`, which shows an error's traceback. Errors go to standard error: the first line says what
happened, the second what to do. With `--json`, standard output is one JSON document and nothing else.
"""

ENVIRONMENT = {
    SEAT_VARIABLE: "Your seat, for `answer`, `hint`, and `check`.",
    "LABKIT_CHECKIP_URL": "The URL that tells `simulate` this machine's address (default: "
    f"`{CHECKIP_URL}`).",
    "LABKIT_SSH_ENDPOINT": "`host:port` of the emulator's SSH server, used instead of a server's own address.",
    "AWS_ENDPOINT_URL": "The endpoint of the emulator. If it isn't set, labkit uses real AWS, and the `local` commands "
    f"look for an emulator on port {DEFAULT_PORT}.",
    "XDG_RUNTIME_DIR": "The folder where a running emulator records its address for this user (default: "
    "`~/.pocketaws`).",
}


def reference(application: typer.Typer) -> str:
    """Return the whole page for an application with its commands registered."""
    root = typer.main.get_command(application)
    parts = [HEAD, *_exit_codes(), "## Environment\n"]
    parts.append("".join(f"- `{name}`: {text}\n" for name, text in ENVIRONMENT.items()))
    parts += [_section(name, command) for name, command in _commands(root, root.name or "labkit")]
    return "\n".join(parts)


def _exit_codes() -> Iterator[str]:
    """List the exit codes of labkit's errors, and those that every program has."""
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    codes = {kind.exit_code for kind in kinds if issubclass(kind, errors.LabkitError)}
    meaning = {
        0: "success",
        1: "a task didn't pass, a seat failed, or you answered no at the prompt",
        errors.UsageError.exit_code: "wrong usage or configuration",
        errors.LabkitError.exit_code: "AWS or the grader failed",
        INTERRUPTED: "interrupted; to continue, rerun the command",
    }
    unknown = codes - set(meaning)
    if unknown:
        raise ValueError(f"exit codes without a description: {sorted(unknown)}")
    yield "## Exit codes\n"
    yield "".join(f"- {code}: {text}\n" for code, text in meaning.items())


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, with its full name; most groups only contain commands."""
    below = getattr(command, "commands", {})
    if not below or command.invoke_without_command:
        yield name, command
    for word in sorted(below):
        yield from _commands(below[word], f"{name} {word}")


def _section(name: str, command: Any) -> str:
    context = typer.Context(command, info_name=name)
    lines = [f"## {name}\n", f"{inspect.cleandoc(command.help or '')}\n"]
    lines.append("    " + " ".join((name, *command.collect_usage_pieces(context))) + "\n")
    records = [
        record
        for parameter in command.params
        if (record := parameter.get_help_record(context)) is not None
    ]
    lines += [f"- `{what}`: {' '.join(text.split())}" for what, text in records]
    return "\n".join(lines) + ("\n" if records else "")


if __name__ == "__main__":
    load_verbs()
    sys.stdout.write(reference(app))
