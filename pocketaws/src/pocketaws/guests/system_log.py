"""A guest's system log. rsyslog's rules decide which files a message goes to."""

from __future__ import annotations

import logging

from .files import FileError
from .machine import Machine
from .rsyslog_rules import Action
from .rsyslog_templates import Message

log = logging.getLogger(__name__)


def write(
    machine: Machine,
    program: str,
    pid: int,
    text: str,
    *,
    facility: str = "daemon",
    severity: str = "info",
) -> None:
    """Log a message. It's lost if rsyslog isn't running."""
    guest = machine.guest
    if guest.rsyslog is None:
        return
    host = guest.hostname.split(".")[0]
    message = Message(facility, severity, program, pid, text, host, machine.now)
    for action, line in guest.rsyslog.lines_for(message):
        _append(machine, action, line)


def _append(machine: Machine, action: Action, line: str) -> None:
    files = machine.files
    try:
        if files.get(action.path) is None:
            files.make_directories(action.path.rpartition("/")[0] or "/", machine.now)
        files.write(action.path, line, machine.now, append=True, mode=action.mode)
    except FileError as error:
        log.warning("a guest's rsyslog could not write %s: %s", action.path, error)
