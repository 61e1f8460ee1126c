"""The command log: what people typed on the servers.

The servers' recording hook sends each command to the system log, and the agent sends it on to the log group
``<instance-id>-commands-log``, stream ``<instance-id>``::

    Jul 13 08:31:08 ip-10-0-0-9 ec2-user: ec2-user [9141]: curl 209.85.202.94 [0]

A line has the time, the host, the tag (``ec2-user[123]:`` if the journal added a process ID), the user, the shell's
process ID, the command, and its exit status.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from labkit.evidence.calls import AwsCallError, log_events, moment
from labkit.evidence.window import Window
from labkit.model import CommandRecord

_LINE = re.compile(
    r"""
    (?:^|\s)(?P<user>[a-z_][\w.-]*\$?)\s\[(?P<pid>\d+)\]:\s
    (?:(?P<command>.*)\s)?
    \[(?P<status>\d+)\]\s*$
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(r"(?:^|\s)(?P<tag>[^\s:\[\]]+)(?:\[\d+\])?:\s+$")
_ANSI_QUOTED = re.compile(r"^\$'(?P<body>(?:[^'\\]|\\.)*)'$", re.DOTALL)
_ANSI_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_ANSI_LETTERS = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip


class LoggedCommand(NamedTuple):
    """One parsed line of the log."""

    user: str
    pid: int
    command: str
    exit_status: int


def log_group(instance_id: str) -> str:
    """The log group of a server's commands."""
    return f"{instance_id}-commands-log"


def read_line(line: str) -> LoggedCommand | None:
    """Parse a line of the command log; return None for a line that records no command.

    Such lines have other tags (like the boot script's probe), or come from a simple hook that also records empty
    commands.
    """
    found = _LINE.search(line)
    if found is None or found["command"] is None:
        return None
    before = line[: found.start("user")]
    tag = _TAG.search(before)
    if before.strip() and (tag is None or tag["tag"] != found["user"]):
        return None
    return LoggedCommand(
        found["user"], int(found["pid"]), unquote(found["command"]), int(found["status"])
    )


def unquote(command: str) -> str:
    """Decode a command with control characters, such as line breaks; bash writes it as one ``$'…'`` word (bash manual)."""
    quoted = _ANSI_QUOTED.match(command)
    if quoted is None:
        return command
    return _ANSI_ESCAPE.sub(_escape, quoted["body"])


def _escape(found: re.Match[str]) -> str:
    octal, hexadecimal, letter = found.groups()
    if octal:
        return chr(int(octal, 8))
    if hexadecimal:
        return chr(int(hexadecimal, 16))
    return _ANSI_LETTERS.get(letter, letter)


def parse(events: Iterable[Mapping[str, Any]], instance_id: str) -> Iterator[CommandRecord]:
    """Yield the commands in the events of a server's log (``timestamp`` in milliseconds, ``message``)."""
    for event in events:
        line = str(event["message"]).rstrip("\r\n")
        typed = read_line(line)
        if typed is not None:
            yield CommandRecord(
                instance_id=instance_id,
                logged_at=moment(event["timestamp"]),
                user=typed.user,
                pid=typed.pid,
                command=typed.command,
                exit_status=typed.exit_status,
                line=line,
            )


def fetch(
    logs: Any, instance_ids: Sequence[str], windows: Sequence[Window]
) -> tuple[tuple[CommandRecord, ...], tuple[str, ...]]:
    """Return the commands typed in the windows, by time, and the names of missing log groups."""
    records: list[CommandRecord] = []
    missing: list[str] = []
    for instance_id in instance_ids:
        group = log_group(instance_id)
        try:
            for window in windows:
                events = log_events(logs, group, window.start, window.end)
                records.extend(parse(events, instance_id))
        except AwsCallError as error:
            if not error.missing:
                raise
            missing.append(group)
    return tuple(sorted(records, key=lambda record: record.logged_at)), tuple(missing)
