"""One session of a connection: a shell on a terminal, a command, or a script on standard input."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

import asyncssh

from ..guests.login import LoginError, Reply
from .connections import Flow, SshLogin

# A login as packets and bytes at the interface: key exchange, one offered key, one session. It's modeled on a short
# real login (64 packets and 9,505 bytes out for a login with one command).
_HANDSHAKE = Flow(19, 3825, 17, 4137)
_WINDOW = timedelta(seconds=60)
_MAX_INPUT = 1024 * 1024


class InputSink(Protocol):
    """Applies inputs to the world and knows its time."""

    def now(self) -> datetime: ...

    async def apply(self, name: str, **values: Any) -> Any: ...


class Meter:
    """Counts a connection's traffic and publishes it every minute and at the end."""

    def __init__(self, sink: InputSink, login: SshLogin) -> None:
        self._sink = sink
        self._visit = login
        self._flow = _HANDSHAKE
        self._began: datetime = login.began

    def count(self, received: int, sent: int) -> None:
        """Count received and sent text; each side acknowledges the other's packets."""
        flow = self._flow
        packets_in, packets_out = max(1, received), 1 + sent // 1400
        self._flow = Flow(
            flow.packets_in + packets_in, flow.bytes_in + packets_in * 88 + received,
            flow.packets_out + packets_out + packets_in // 2,
            flow.bytes_out + packets_out * 88 + sent + packets_in // 2 * 52,
        )  # fmt: skip

    async def publish_each_minute(self) -> None:
        """Publish the count if it's a minute old."""
        if self._sink.now() - self._began >= _WINDOW:
            await self.publish()

    async def publish(self) -> None:
        """Publish the count."""
        if self._flow.packets_in:
            flow, self._flow = self._flow, Flow(0, 0, 0, 0)
            self._began = await self._sink.apply(
                "ssh.traffic", login=self._visit, flow=flow, began=self._began
            )


async def converse(
    sink: InputSink, login: SshLogin, process: asyncssh.SSHServerProcess[str]
) -> None:
    """Serve a session until it ends."""
    meter = Meter(sink, login)
    where = {"account": login.account, "region": login.region, "instance_id": login.instance_id}
    try:
        if process.subsystem is not None:
            process.exit(1)
        elif process.command is None and process.term_type is not None:
            await _shell(sink, login, where, process, meter)
        else:
            await _command(sink, login, where, process, meter)
    finally:
        await meter.publish()


async def _command(
    sink: InputSink,
    login: SshLogin,
    where: dict[str, str],
    process: asyncssh.SSHServerProcess[str],
    meter: Meter,
) -> None:
    data = "" if process.command is not None else await process.stdin.read(_MAX_INPUT)
    command = process.command or "bash -l"
    try:
        reply: Reply = await sink.apply(
            "guests.execute",
            user=login.user,
            remote_address=login.address,
            command=command,
            data=data,
            **where,
        )
    except LoginError:
        process.exit(255)
        return
    meter.count(len(command) + len(data), len(reply.output))
    process.stdout.write(reply.output)
    process.exit(reply.status)


async def _shell(
    sink: InputSink,
    login: SshLogin,
    where: dict[str, str],
    process: asyncssh.SSHServerProcess[str],
    meter: Meter,
) -> None:
    try:
        shell_id, reply = await sink.apply(
            "guests.open_shell", user=login.user, remote_address=login.address,
            terminal_type=process.term_type or "dumb", **where,
        )  # fmt: skip
    except LoginError:
        process.exit(255)
        return
    try:
        while not reply.closed:
            text = reply.output + reply.prompt
            process.stdout.write(text)
            meter.count(0, len(text))
            await meter.publish_each_minute()
            reply = await _next(sink, where, shell_id, process, meter)
        process.stdout.write(reply.output)
    finally:
        if not reply.closed:
            await sink.apply("guests.close_shell", shell_id=shell_id, **where)
    process.exit(reply.status)


async def _next(
    sink: InputSink,
    where: dict[str, str],
    shell_id: str,
    process: asyncssh.SSHServerProcess[str],
    meter: Meter,
) -> Reply:
    """Wait for a line, Ctrl-C, or the end, and pass it to the shell."""
    while True:
        try:
            line = await process.stdin.readline()
        except asyncssh.TerminalSizeChanged:
            continue
        except asyncssh.BreakReceived:
            process.stdout.write("^C\n")
            reply: Reply = await sink.apply("guests.interrupt", shell_id=shell_id, **where)
            return reply
        break
    if not line:
        ended: Reply = await sink.apply("guests.close_shell", shell_id=shell_id, **where)
        return ended
    reply = await sink.apply("guests.feed", shell_id=shell_id, line=line.rstrip("\r\n"), **where)
    meter.count(len(line), len(line) + len(reply.output))
    return reply
