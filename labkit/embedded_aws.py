"""The built-in AWS emulator: the only module that imports and starts ``pocketaws``.

``pocketaws`` is a separate distribution (extra ``local``), so each function here says what to do if it isn't
installed. The rest of labkit talks to it as it talks to AWS.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from labkit.errors import CloudError, LabkitError, UsageError

if TYPE_CHECKING:
    from pocketaws.clock import Clock
    from pocketaws.server import LocalAws

COMMANDS = ("start", "stop", "status", "env", "inbox")
DEFAULT_PORT = 4580
HEALTH_ALIAS = "/_labkit/health"
"""Where version 0.1 answered health checks; kept for one release."""
# Environment variables that could point a client at another AWS account while the emulator is in use.
_FOREIGN = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_REGION",
    "AWS_SESSION_TOKEN",
)


def commands() -> Mapping[str, Callable[..., None]]:
    """Return the functions behind ``labkit local …`` by name, ready for typer.

    Without ``pocketaws``, each takes no options and raises ``UsageError``.
    """
    try:
        from pocketaws import cli
    except ModuleNotFoundError as error:
        return dict.fromkeys(COMMANDS, _refusal(error))
    program = cli.Program("labkit local", "labkit", "LABKIT", (HEALTH_ALIAS,))
    made = cli.Commands(program)
    return {name: _with_labkits_errors(getattr(made, name)) for name in COMMANDS}


def _with_labkits_errors(function: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(function)
    def run(*arguments: Any, **options: Any) -> None:
        from pocketaws.errors import RunError

        try:
            function(*arguments, **options)
        except RunError as error:
            kind = UsageError if error.exit_code == UsageError.exit_code else CloudError
            raise kind(error.message, error.hint) from error
        except ModuleNotFoundError as error:
            raise missing(error) from error

    return run


def missing(error: ModuleNotFoundError) -> LabkitError:
    """Return the error for an emulator that isn't installed, or that lacks a dependency."""
    return UsageError(
        f"The built-in AWS emulator needs {error.name}, which isn't installed.",
        "Install the pocketaws wheel as well, or run `make demo` in a checkout.",
    )


def _refusal(error: ModuleNotFoundError) -> Callable[[], None]:
    """Return a function that raises the error; typer can't read the options of a ``partial``."""

    def refuse() -> None:
        """Needs the pocketaws wheel."""
        raise missing(error) from error

    return refuse


@contextmanager
def embedded_aws(region: str, clock: Clock | None = None) -> Iterator[LocalAws]:
    """Run an emulator in this process, and point this process's environment at it, as its administrator.

    With ``clock``, time passes as it says.
    Raises ``UsageError`` if ``pocketaws`` isn't installed.
    """
    try:
        from pocketaws.server import LocalAws
    except ModuleNotFoundError as error:
        raise missing(error) from error
    with LocalAws(region=region, clock=clock) as aws, environment(_variables(aws)):
        yield aws


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables in this process's environment, and remove other AWS settings, for the duration of a block."""
    before = dict(os.environ)
    for name in _FOREIGN:
        os.environ.pop(name, None)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _variables(aws: LocalAws) -> dict[str, str]:
    from pocketaws.running import checkip_url

    key = aws.administrator
    return {
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        "AWS_DEFAULT_REGION": aws.region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "LABKIT_SSH_ENDPOINT": aws.ssh_endpoint,
        "LABKIT_CHECKIP_URL": checkip_url(aws.endpoint, key.access_key_id),
    }
