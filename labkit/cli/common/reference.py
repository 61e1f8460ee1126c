"""Generates ``docs/cli.md``: ``python -m labkit.cli.common.reference > docs/cli.md``.

It walks the typer application, so no command, option, or default is missing or out of date; a test compares the file
with the output.
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
takes `--help`, and `--debug`, which shows an error's traceback. Errors go to standard error: one line says what
happened, one what to do. With `--json`, standard output is one JSON document and nothing else.
"""

ENVIRONMENT = {
    SEAT_VARIABLE: "Your seat, for `answer`, `hint` and `check`.",
    "LABKIT_CHECKIP_URL": "Where `simulate` asks for this machine's address (default: "
    f"`{CHECKIP_URL}`).",
    "LABKIT_SSH_ENDPOINT": "`host:port` of the emulator's SSH server, used instead of a server's own address.",
    "AWS_ENDPOINT_URL": "The AWS to talk to; if unset, the real one. The `local` commands find the running "
    f"emulator by it (if unset, on port {DEFAULT_PORT}).",
    "XDG_RUNTIME_DIR": "Where a running emulator leaves its address for this user (default: "
    "`~/.pocketaws`).",
}


def reference(application: typer.Typer) -> str:
    """The whole page for an application with its commands registered."""
    root = typer.main.get_command(application)
    parts = [HEAD, *_exit_codes(), "## Environment\n"]
    parts.append("".join(f"- `{name}`: {text}\n" for name, text in ENVIRONMENT.items()))
    parts += [_section(name, command) for name, command in _commands(root, root.name or "labkit")]
    return "\n".join(parts)


def _exit_codes() -> Iterator[str]:
    """The exit codes of labkit's errors, and those that any program has."""
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    codes = {kind.exit_code for kind in kinds if issubclass(kind, errors.LabkitError)}
    meaning = {
        0: "success",
        1: "something didn't pass, a seat failed, or you answered no to the question",
        errors.UsageError.exit_code: "wrong usage or configuration",
        errors.LabkitError.exit_code: "the cloud or the grader failed",
        INTERRUPTED: "interrupted; run the same command again to continue",
    }
    unknown = codes - set(meaning)
    if unknown:
        raise ValueError(f"exit codes without a meaning: {sorted(unknown)}")
    yield "## Exit codes\n"
    yield "".join(f"- {code}: {text}\n" for code, text in meaning.items())


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its full name; most groups only hold others."""
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
