"""The program ``aws``: parses global options and runs the command.

Its messages list the emulated commands under "valid choices". It rejects any other command as the CLI rejects an
unknown one.

Source: AWS CLI command reference, "aws", "s3"; the messages are those of version 1, which pip can install, in the form of
version 2.
"""

from __future__ import annotations

from collections.abc import Callable

from ..registry import Run, program
from . import s3_copy
from .cli import SERVICE_STATUS, VERSION_LINE, Cli, CliError, NoCredentialsError, ServiceError
from .words import choices, read_options, usage_error

_COMMANDS: dict[str, dict[str, Callable[[Cli, list[str]], int]]] = {"s3": {"cp": s3_copy.cp}}


@program("aws", package="awscli-2")
def aws(run: Run) -> int:
    try:
        return _run(run)
    except NoCredentialsError as error:
        run.err(f'\n{error}. You can configure credentials by running "aws configure".\n')
        return error.status
    except CliError as error:
        run.err(f"\n{error}\n")
        return error.status
    except ServiceError as error:
        run.err(f"\n{error}\n")
        return SERVICE_STATUS


def _run(run: Run) -> int:
    options, words = read_options(run.arguments, frozenset({"--version"}), frozenset({"--region"}))
    if "--version" in options:
        run.out(f"{VERSION_LINE}\n")
        return 0
    plain = [word for word in words if not word.startswith("-")]
    if not plain:
        raise usage_error("the following arguments are required: command")
    command = plain[0]
    if command not in _COMMANDS:
        raise usage_error(choices("command", _COMMANDS))
    if len(plain) < 2:
        raise usage_error("the following arguments are required: subcommand")
    below = _COMMANDS[command]
    if plain[1] not in below:
        raise usage_error(choices("subcommand", below))
    rest = list(words)
    for word in plain[:2]:
        rest.remove(word)
    environment = run.shell.state.environment()
    region = (
        options.get("--region")
        or environment.get("AWS_REGION")
        or environment.get("AWS_DEFAULT_REGION")
        or run.machine.guest.region
    )
    return below[plain[1]](Cli(run, f"{command}.{plain[1]}", region), rest)
