"""What happened during the seat's runs, according to the evidence: what was typed, and who got in."""

from __future__ import annotations

from collections.abc import Iterator

from labkit import Evidence, GraderError
from labkit.evidence.window import run_windows
from labkit.grading.command_log import commands_in, split
from labkit.model import ApiEvent, CommandRecord

FOLDER = "/tmp/"  # noqa: S108 - the scenario's command leaves the file here
KEY_SENT = "SendSSHPublicKey"


def lines(evidence: Evidence) -> Iterator[CommandRecord]:
    """The command lines typed on the lab's servers during the runs."""
    for window in run_windows(evidence.runs):
        yield from commands_in(evidence, window)


def left(evidence: Evidence) -> list[tuple[CommandRecord, str]]:
    """The lines that left a file, each with the file's path."""
    found = [
        (record, words[1])
        for record in lines(evidence)
        if len(words := split(record.command)) == 2
        if words[0] == "touch" and words[1].startswith(FOLDER)
    ]
    if not found:
        raise GraderError(
            "The command log doesn't show who left a file",
            "check whether this lab records commands",
        )
    return found


def let_in(evidence: Evidence) -> list[ApiEvent]:
    """The calls that sent a key to a server of the lab."""
    own = {server.instance_id for server in evidence.instances}
    found = [
        event
        for event in evidence.trail
        if event.name == KEY_SENT and event.error_code is None
        if any(window.contains(event.time) for window in run_windows(evidence.runs))
        if (event.record.get("requestParameters") or {}).get("instanceId") in own
    ]
    if not found:
        raise GraderError(
            "The trail doesn't show who got in",
            "check whether this lab's trail delivers",
        )
    return found
