"""The ``pocketaws`` command. Another program can mount the same commands under its own name (``Program``)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .errors import RunError

if TYPE_CHECKING:
    from .server import LocalAws

_START_SECONDS = 30.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.1

Port = Annotated[
    int | None,
    typer.Option("--port", help="Port of the running emulator (default: AWS_ENDPOINT_URL's)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Delays(StrEnum):
    """Whether effects take as long as on AWS."""

    NONE = "none"
    AWS = "aws"


class Shell(StrEnum):
    """Whose syntax to print."""

    SH = "sh"
    POWERSHELL = "powershell"
    CMD = "cmd"


@dataclass(frozen=True)
class Program:
    """The program that the commands belong to."""

    command: str = "pocketaws"
    """What people type before ``start``."""
    module: str = "pocketaws"
    """``python -m …`` with the same arguments runs the same program."""
    variables: str = "POCKETAWS"
    """The prefix of the variables that ``env`` prints besides AWS's own."""
    health_aliases: tuple[str, ...] = ()
    """More paths that answer health checks."""


class Commands:
    """The commands of a program, as functions for typer."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def start(  # noqa: PLR0913 - one parameter an option
        self,
        *,
        port: Annotated[int, typer.Option("--port", help="Port for the AWS APIs.")] = 4580,
        ssh_port: Annotated[
            int, typer.Option("--ssh-port", help="Port for SSH logins to servers.")
        ] = 4522,
        host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
        region: Annotated[str, typer.Option("--region", help="Default Region.")] = "eu-west-1",
        data: Annotated[
            Path | None,
            typer.Option(
                "--data",
                metavar="DIR",
                help="Keep the state there between starts (default: the state is lost on stop).",
            ),
        ] = None,
        delays: Annotated[
            Delays,
            typer.Option("--delays", help="Deliver logs and alerts at once, or as late as AWS."),
        ] = Delays.NONE,
        speed: Annotated[
            float,
            typer.Option(
                "--speed", min=0.01, help="Speed of its clock; at 60, a minute takes a second."
            ),
        ] = 1.0,
        no_confirm: Annotated[
            bool, typer.Option("--no-confirm", help="Leave email subscriptions unconfirmed.")
        ] = False,
        detach: Annotated[
            bool, typer.Option("--detach", help="Run in the background; return when it's ready.")
        ] = False,
    ) -> None:
        """Start the AWS emulator. It runs until Ctrl-C, or in the background with --detach."""
        from . import running

        running.refuse_ipv6(host)
        if running.is_up(f"http://127.0.0.1:{port}"):
            raise RunError(
                f"An AWS emulator already runs on port {port}.",
                "Use that one, stop it, or choose another --port.",
                2,
            )
        if not running.is_loopback(host):
            typer.echo(
                f"Open to the network: anyone who can reach ports {port} and {ssh_port} can\n"
                "use it, and nothing is encrypted. Do this only on a network that you trust.\n"
                f"For other machines: {self._program.command} env --host ADDRESS",
                err=True,
            )
        if detach:
            self._detach(port)
            return
        aws = self._make(
            host=host, port=port, ssh_port=ssh_port, region=region, data=data, delays=delays.value,
            speed=speed, confirm_subscriptions=not no_confirm,
        )  # fmt: skip
        self._serve(aws, host, data)

    def _make(self, **settings: Any) -> LocalAws:
        from .journal import StateError
        from .server import LocalAws

        try:
            aws = LocalAws(**settings, health_aliases=self._program.health_aliases)
            with ExitStack() as half_started:
                half_started.callback(aws.stop)  # or its threads keep the process alive
                aws.start()
                half_started.pop_all()
        except StateError as error:
            raise RunError(str(error), "Choose another --data directory.", 2) from error
        except OSError as error:
            raise RunError(
                f"Can't listen: {error}", "Choose another --port or --ssh-port."
            ) from error
        return aws

    def _serve(self, aws: LocalAws, host: str, data: Path | None) -> None:
        """Leave a note for the other commands, wait for a signal to stop, and shut down in order."""
        from . import running

        here = running.Running(
            os.getpid(),
            running.reached_from_here(aws.endpoint),
            running.reached_from_here(aws.ssh_endpoint),
            aws.region,
            aws.token,
            str(data) if data else None,
            host,
        )
        note = running.write(here)

        def told_to_stop(_signal: int, _frame: FrameType | None) -> None:
            aws.stopping.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, told_to_stop)
        typer.echo(f"AWS at {here.endpoint}, SSH to servers at {here.ssh_endpoint}.", err=True)
        typer.echo(f'In another terminal: eval "$({self._program.command} env)"', err=True)
        if data is None:
            typer.echo("Its state is lost when it stops (--data DIR keeps it).", err=True)
        try:
            while not aws.stopping.wait(_POLL_SECONDS):
                pass
        finally:
            aws.stop()
            # Last: once the note is gone, the ports and the directory are free.
            running.forget(note, here.pid)

    def _detach(self, port: int) -> None:
        """Start the same command without ``--detach`` in a session of its own, and wait until it's ready.

        Its output goes to a file: a pipe would break when this process ends.
        """
        from . import running

        arguments = [argument for argument in sys.argv[1:] if argument != "--detach"]
        log = running.log_file(port)
        with running.private(log) as output:
            process = subprocess.Popen(  # noqa: S603 - this very program
                [sys.executable, "-m", self._program.module, *arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                typer.echo(log.read_text(encoding="utf-8", errors="replace").rstrip(), err=True)
                raise typer.Exit(process.returncode if process.returncode > 0 else 3)
            started = running.noted(port)
            if started is not None and started.pid == process.pid:
                typer.echo(f"AWS at {started.endpoint} (process {started.pid}).", err=True)
                return
            time.sleep(_POLL_SECONDS)
        process.terminate()
        raise RunError("The AWS emulator didn't get ready in time.", f"Look into {log}.")

    def stop(self, *, port: Port = None) -> None:
        """Stop a running AWS emulator."""
        from . import running

        here = self._find(port)
        running.ask(here, "POST", "stop")
        deadline = time.monotonic() + _STOP_SECONDS
        while running.noted(here.port) == here or running.is_up(here.endpoint):
            if time.monotonic() > deadline:
                raise RunError(f"Process {here.pid} doesn't stop.", f"End it: kill {here.pid}")
            time.sleep(_POLL_SECONDS)
        typer.echo(f"Stopped {here.endpoint}.", err=True)

    def status(self, *, port: Port = None, as_json: AsJson = False) -> None:
        """Show the running AWS emulator and its ports."""
        from . import running

        here = self._find(port)
        if as_json:
            _print_json(
                {"endpoint": here.endpoint, "ssh_endpoint": here.ssh_endpoint, "region": here.region,
                 "pid": here.pid, "data": here.data, "host": here.host}
            )  # fmt: skip
            return
        state = f"state in {here.data}" if here.data else "state is lost on stop"
        open_to = "" if running.is_loopback(here.host) else f", listens on {here.host}"
        typer.echo(
            f"{here.endpoint}, SSH {here.ssh_endpoint}, process {here.pid}, {state}{open_to}"
        )

    def env(
        self,
        *,
        port: Port = None,
        account: Annotated[
            str | None,
            typer.Option(
                "--account",
                metavar="ID",
                help="As an administrator of that member account (default: the management account's).",
            ),
        ] = None,
        role: Annotated[
            str | None,
            typer.Option(
                "--role", metavar="NAME", help="As a session of that role, in --account if given."
            ),
        ] = None,
        shell: Annotated[Shell, typer.Option("--shell", help="Shell syntax to print.")] = Shell.SH,
        host: Annotated[
            str | None,
            typer.Option(
                "--host",
                metavar="ADDRESS",
                help="For another machine, which reaches this one at that address or name.",
            ),
        ] = None,
    ) -> None:
        """Print shell lines that point AWS clients in this terminal at the emulator.

        They set AWS_ENDPOINT_URL, credentials, the Region, and where to reach servers by SSH.
        """
        from . import running

        variables = running.environment(
            self._find(port), self._program.variables, account, role, host
        )
        for name, value in variables.items():
            typer.echo(_line(shell, name, value))

    def inbox(self, *, port: Port = None, as_json: AsJson = False) -> None:
        """Show the emails that SNS would have sent."""
        from . import running

        mails = running.ask(self._find(port), "GET", "inbox")
        if as_json:
            _print_json(mails)
            return
        for mail in mails:
            typer.echo(_printable(f"{mail['sent_at']}  {mail['to']}  {mail['subject']}"))
            typer.echo(_printable(mail["body"]) + "\n")

    def _find(self, port: int | None) -> Any:
        from . import running

        return running.find(port, f"{self._program.command} start")


def _line(shell: Shell, name: str, value: str) -> str:
    """Set a variable, or unset an empty one so that the token of an earlier session doesn't stay."""
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


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2))


def _printable(text: str) -> str:
    """Make text from outside safe to print: control characters other than line breaks become visible."""
    return "".join(c if c == "\n" or c.isprintable() else repr(c)[1:-1] for c in text)


NAMES = ("start", "stop", "status", "env", "inbox")


def main() -> None:
    """Run ``pocketaws`` and exit with its code."""
    app = typer.Typer(
        name="pocketaws",
        help="An AWS in one process: real clients, the wire protocols, no account, and no bill.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    commands = Commands(Program())
    for name in NAMES:
        app.command(name)(getattr(commands, name))
    try:
        app(prog_name="pocketaws")
    except RunError as error:
        typer.echo(f"pocketaws: {error.message}\n  {error.hint}", err=True)
        sys.exit(error.exit_code)
