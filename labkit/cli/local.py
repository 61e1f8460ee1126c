"""``labkit local``: the embedded AWS as a server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from labkit.cli.common.app import local_app, verb
from labkit.cli.common.options import AsJson
from labkit.errors import CloudError, UsageError

if TYPE_CHECKING:
    from labkit.localaws.server import LocalAws

_START_SECONDS = 30.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.1

Port = Annotated[
    int | None,
    typer.Option("--port", help="The port of the running one (default: AWS_ENDPOINT_URL's)."),
]


class Delays(StrEnum):
    """Whether effects take as long as on AWS."""

    NONE = "none"
    AWS = "aws"


class Shell(StrEnum):
    """Whose lines to print."""

    SH = "sh"
    POWERSHELL = "powershell"
    CMD = "cmd"


@verb("start", under=local_app)
def start(  # noqa: PLR0913 - one parameter an option
    *,
    port: Annotated[int, typer.Option("--port", help="The port for AWS's APIs.")] = 4580,
    ssh_port: Annotated[
        int, typer.Option("--ssh-port", help="The port for logging in to servers.")
    ] = 4522,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    region: Annotated[str, typer.Option("--region", help="The default Region.")] = "eu-west-1",
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="Keep the state there between starts (default: it goes when it stops).",
        ),
    ] = None,
    delays: Annotated[
        Delays,
        typer.Option(
            "--delays", help="Whether logs and alerts are late: not at all, or as on AWS."
        ),
    ] = Delays.NONE,
    speed: Annotated[
        float,
        typer.Option(
            "--speed", min=0.01, help="How fast its clock runs; at 60 a minute takes a second."
        ),
    ] = 1.0,
    no_confirm: Annotated[
        bool, typer.Option("--no-confirm", help="Nobody confirms e-mail subscriptions.")
    ] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Return when it is ready.")] = False,
) -> None:
    """Run the embedded AWS (until Ctrl-C, or in the background with --detach)."""
    from labkit.cli.common import local_server

    local_server.refuse_ipv6(host)
    if local_server.is_up(f"http://127.0.0.1:{port}"):
        raise UsageError(
            f"A local AWS runs on port {port} already.", "Use it, stop it, or take another --port."
        )
    if not local_server.is_loopback(host):
        typer.echo(
            f"Open to the network: whoever reaches ports {port} and {ssh_port} can talk to it,\n"
            "and nothing is encrypted. Do this only on a network that you trust.\n"
            "For other machines: labkit local env --host ADDRESS",
            err=True,
        )
    if detach:
        _detach(port)
        return
    aws = _make(
        host=host, port=port, ssh_port=ssh_port, region=region, data=data, delays=delays, speed=speed,
        confirm=not no_confirm,
    )  # fmt: skip
    _serve(aws, host, data)


def _make(
    *,
    host: str,
    port: int,
    ssh_port: int,
    region: str,
    data: Path | None,
    delays: Delays,
    speed: float,
    confirm: bool,
) -> LocalAws:
    try:
        from labkit.localaws.journal import StateError
        from labkit.localaws.server import LocalAws
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The embedded AWS needs {error.name}, which is not installed.",
            "pip install 'labkit[local]'",
        ) from error
    try:
        aws = LocalAws(
            host=host, port=port, ssh_port=ssh_port, region=region, delays=delays.value, speed=speed,
            data=data, confirm_subscriptions=confirm,
        )  # fmt: skip
        with ExitStack() as half_started:
            half_started.callback(aws.stop)  # else its threads would keep the process
            aws.start()
            half_started.pop_all()
    except StateError as error:
        raise UsageError(str(error), "Take another --data directory.") from error
    except OSError as error:
        raise CloudError(f"Cannot listen: {error}", "Take another --port or --ssh-port.") from error
    return aws


def _serve(aws: LocalAws, host: str, data: Path | None) -> None:
    """Leave word for the other commands, wait until told to stop, stop in order."""
    from labkit.cli.common import local_server

    running = local_server.Running(
        os.getpid(),
        local_server.reached_from_here(aws.endpoint),
        local_server.reached_from_here(aws.ssh_endpoint),
        aws.region,
        aws.token,
        str(data) if data else None,
        host,
    )
    note = local_server.write(running)

    def told_to_stop(_signal: int, _frame: FrameType | None) -> None:
        aws.stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told_to_stop)
    typer.echo(f"AWS at {running.endpoint}, servers by SSH at {running.ssh_endpoint}.", err=True)
    typer.echo('In another terminal: eval "$(labkit local env)"', err=True)
    if data is None:
        typer.echo("Its state goes when it stops (--data DIR keeps it).", err=True)
    try:
        while not aws.stopping.wait(_POLL_SECONDS):
            pass
    finally:
        aws.stop()
        # Last: when the note has gone, port and directory are free.
        local_server.forget(note, running.pid)


def _detach(port: int) -> None:
    """Start the same command without ``--detach`` on its own, and wait until it is ready.

    What it says goes to a file: a pipe would break, and it with it, when this process has gone.
    """
    from labkit.cli.common import local_server

    command = [sys.executable, "-m", "labkit", *(a for a in sys.argv[1:] if a != "--detach")]
    log = local_server.log_file(port)
    with local_server.private(log) as output:
        process = subprocess.Popen(  # noqa: S603 - this very program
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            typer.echo(log.read_text(encoding="utf-8", errors="replace").rstrip(), err=True)
            raise typer.Exit(process.returncode if process.returncode > 0 else 3)
        running = local_server.noted(port)
        if running is not None and running.pid == process.pid:
            typer.echo(f"AWS at {running.endpoint} (process {running.pid}).", err=True)
            return
        time.sleep(_POLL_SECONDS)
    process.terminate()
    raise CloudError("The local AWS did not get ready.", f"Look into {log}.")


@verb("stop", under=local_app)
def stop(*, port: Port = None) -> None:
    """Stop a running local AWS."""
    from labkit.cli.common import local_server

    running = local_server.find(port)
    local_server.ask(running, "POST", "stop")
    deadline = time.monotonic() + _STOP_SECONDS
    while local_server.noted(running.port) == running or local_server.is_up(running.endpoint):
        if time.monotonic() > deadline:
            raise CloudError(f"Process {running.pid} does not stop.", f"kill {running.pid}")
        time.sleep(_POLL_SECONDS)
    typer.echo(f"Stopped {running.endpoint}.", err=True)


@verb("status", under=local_app)
def status(*, port: Port = None, as_json: AsJson = False) -> None:
    """Say what runs, and where."""
    from labkit.cli.common import local_server
    from labkit.cli.common.shown import print_json

    running = local_server.find(port)
    if as_json:
        print_json(
            {"endpoint": running.endpoint, "ssh_endpoint": running.ssh_endpoint, "region": running.region,
             "pid": running.pid, "data": running.data, "host": running.host}
        )  # fmt: skip
        return
    kept = f"state in {running.data}" if running.data else "state goes with it"
    open_to = "" if local_server.is_loopback(running.host) else f", listens on {running.host}"
    typer.echo(
        f"{running.endpoint}, SSH {running.ssh_endpoint}, process {running.pid}, {kept}{open_to}"
    )


@verb("env", under=local_app)
def env(
    *,
    port: Port = None,
    account: Annotated[
        str | None,
        typer.Option(
            "--account",
            metavar="ID",
            help="An administrator of that member account (default: of the management account).",
        ),
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(
            "--role", metavar="NAME", help="A session of that role, in --account if given."
        ),
    ] = None,
    shell: Annotated[Shell, typer.Option("--shell", help="In which shell's syntax.")] = Shell.SH,
    host: Annotated[
        str | None,
        typer.Option(
            "--host",
            metavar="ADDRESS",
            help="Lines for another machine, to which this one has that address or name.",
        ),
    ] = None,
) -> None:
    """Print the lines that make clients talk to it.

    They set AWS_ENDPOINT_URL, credentials, the Region and what labkit needs besides, in this terminal only.
    """
    from labkit.cli.common import local_server

    variables = local_server.environment(local_server.find(port), account, role, host)
    for name, value in variables.items():
        typer.echo(_line(shell, name, value))


def _line(shell: Shell, name: str, value: str) -> str:
    """Set a variable, or unset one that is empty: an earlier session's token must not stay."""
    match shell:
        case Shell.SH:
            return f"export {name}='{value}'" if value else f"unset {name}"
        case Shell.POWERSHELL:
            return (
                f"$env:{name} = '{value}'"
                if value
                else f"Remove-Item Env:{name} -ErrorAction Ignore"
            )
        case Shell.CMD:
            return f"set {name}={value}"


@verb("inbox", under=local_app)
def inbox(*, port: Port = None, as_json: AsJson = False) -> None:
    """Show the e-mails that SNS would have sent."""
    from labkit.cli.common import local_server
    from labkit.cli.common.shown import print_json, printable

    mails = local_server.ask(local_server.find(port), "GET", "inbox")
    if as_json:
        print_json(mails)
        return
    for mail in mails:
        typer.echo(printable(f"{mail['sent_at']}  {mail['to']}  {mail['subject']}"))
        typer.echo(printable(mail["body"]) + "\n")
