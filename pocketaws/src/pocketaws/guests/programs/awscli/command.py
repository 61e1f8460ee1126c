"""The program ``aws``: global options, and which command is meant.

Only what is listed under "valid choices" of its own messages is emulated; whatever else is asked for is refused as
the CLI refuses what it does not know.

Source: AWS CLI command reference, "aws", "s3", "sts get-caller-identity"; the messages are those of version 1,
which can be run, in the form of version 2.
"""

from __future__ import annotations

from collections.abc import Callable

from ..registry import Run, program
from . import s3_copy, s3_list, sts
from .cli import (
    OTHER_STATUS,
    SERVICE_STATUS,
    VERSION_LINE,
    Cli,
    CliError,
    NoCredentialsError,
    ServiceError,
)
from .words import Options, choices, read_options, usage_error

_GLOBAL_FLAGS = frozenset({"--no-cli-pager", "--no-paginate", "--version"})
_GLOBAL_VALUES = frozenset(
    {"--region", "--output", "--query", "--profile", "--color", "--cli-read-timeout", "--cli-connect-timeout"}
)  # fmt: skip
_OUTPUTS = ("json", "text")
_COMMANDS: dict[str, dict[str, Callable[[Cli, list[str]], int]]] = {
    "s3": {"ls": s3_list.ls, "cp": s3_copy.cp},
    "sts": {"get-caller-identity": sts.get_caller_identity},
}


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
    options, words = read_options(run.arguments, _GLOBAL_FLAGS, _GLOBAL_VALUES)
    if "--version" in options:
        run.out(f"{VERSION_LINE}\n")
        return 0
    environment = run.shell.state.environment()
    _check(options, environment)
    plain = [word for word in words if not word.startswith("-")]
    if not plain:
        raise usage_error("the following arguments are required: command")
    command = plain[0]
    if command not in _COMMANDS:
        raise usage_error(choices("command", _COMMANDS))
    kind = "subcommand" if command == "s3" else "operation"
    if len(plain) < 2:
        raise usage_error(f"the following arguments are required: {kind}")
    below = _COMMANDS[command]
    if plain[1] not in below:
        raise usage_error(choices(kind, below))
    rest = list(words)
    for word in plain[:2]:
        rest.remove(word)
    region = (
        options.get("--region")
        or environment.get("AWS_REGION")
        or environment.get("AWS_DEFAULT_REGION")
        or run.machine.guest.region
    )
    output = options.get("--output") or environment.get("AWS_DEFAULT_OUTPUT") or "json"
    cli = Cli(run, f"{command}.{plain[1]}", region, output, options.get("--query"))
    return below[plain[1]](cli, rest)


def _check(options: Options, environment: dict[str, str]) -> None:
    if options.get("--output", environment.get("AWS_DEFAULT_OUTPUT", "json")) not in _OUTPUTS:
        raise usage_error(choices("--output", _OUTPUTS))
    profile = options.get("--profile", environment.get("AWS_PROFILE"))
    if profile is not None:
        raise CliError(f"The config profile ({profile}) could not be found", OTHER_STATUS)
