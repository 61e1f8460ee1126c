"""The commands typed on a lab's servers, for checks: by time window, word by word."""

from __future__ import annotations

from collections.abc import Iterator

from labkit.evidence.window import Window
from labkit.grading.shell_words import UnfinishedError, plain, words
from labkit.model import CommandRecord, Evidence

NEVER_RAN = (126, 127)
"""Exit statuses for a program that the shell couldn't run (bash manual, "Exit Status")."""


def commands_in(evidence: Evidence, window: Window) -> Iterator[CommandRecord]:
    """The commands typed on the lab's servers in a window."""
    own = {instance.instance_id for instance in evidence.instances}
    for record in evidence.commands:
        if record.instance_id in own and window.contains(record.logged_at):
            yield record


def split(line: str) -> list[str]:
    """Split a line into words like a shell or, if a quotation mark isn't closed, at spaces."""
    try:
        return [plain(word) for word in words(line)]
    except UnfinishedError:
        return line.split()


def holds(reading: str, line: str) -> bool:
    """Whether a reading of an answer contains a whole line, possibly among other words."""
    mine, wanted = split(reading), split(line)
    starts = range(len(mine) - len(wanted) + 1)
    return any(mine[start : start + len(wanted)] == wanted for start in starts)
