"""The system log of a guest: the journal, and what rsyslog makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from . import rsyslog
from .files import FileError
from .rsyslog_rules import Action

if TYPE_CHECKING:
    from .machine import Machine

MAX_JOURNAL = 2000


def write(
    machine: Machine,
    program: str,
    pid: int,
    text: str,
    *,
    facility: str = "daemon",
    severity: str = "info",
) -> None:
    """Log a message, as any program of the guest does."""
    guest = machine.guest
    host = guest.hostname.split(".")[0]
    message = rsyslog.Message(facility, severity, program, pid, text, host, machine.now)
    time = message.time
    guest.journal.append(f"{time:%b} {time:%d} {time:%H:%M:%S} {host} {program}[{pid}]: {text}")
    del guest.journal[:-MAX_JOURNAL]
    service = guest.services.get("rsyslog")
    if service is None or service.state != "active":
        return
    configuration = guest.rsyslog
    if configuration is None:
        return
    for action, line in configuration.lines_for(message):
        _append(machine, action, line)


def _append(machine: Machine, action: Action, line: str) -> None:
    files = machine.files
    try:
        new = files.get(action.path) is None
        if new:
            files.make_directories(action.path.rpartition("/")[0] or "/", machine.now)
        real = files.write(action.path, line, machine.now, append=True, mode=action.mode)
        if new:
            node = files.need(real)
            files.put(real, replace(node, owner=action.owner, group=action.group))
    except FileError as error:
        machine.guest.journal.append(f"rsyslogd: action could not write {action.path}: {error}")
