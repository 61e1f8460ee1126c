"""The commands typed on a lab's servers, for checks: by time window, by program, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from labkit.evidence.window import Window
from labkit.grading.shell_words import UnfinishedError, is_operator, plain, words
from labkit.model import CommandRecord, Evidence

NEVER_RAN = (126, 127)
"""Exit statuses for a program that the shell couldn't run (bash manual, "Exit Status")."""
SILENT_PROGRAMS = frozenset(
    {
        ":", "alias", "cat", "echo", "egrep", "export", "fgrep", "grep", "head", "history", "less", "ls", "more",
        "printf", "read", "rm", "sed", "tail", "tee", "touch", "true", "unset", "vi", "vim",
    }
)  # fmt: skip
"""Programs that don't call an address in their arguments."""
# Programs that run the program in their arguments.
_WRAPPERS = {"builtin", "command", "env", "exec", "nice", "nohup", "sudo", "time"}


def commands_in(evidence: Evidence, window: Window) -> Iterator[CommandRecord]:
    """The commands typed on the lab's servers in a window."""
    own = {instance.instance_id for instance in evidence.instances}
    for record in evidence.commands:
        if record.instance_id in own and window.contains(record.logged_at):
            yield record


def programs(command: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The programs of a command line with their arguments; redirections count as arguments."""
    try:
        found = words(command)
    except UnfinishedError:
        found = tuple(command.split())
    part: list[str] = []
    for word in (*found, "\0;"):
        if is_operator(word) and not {"<", ">"} & set(word):
            if part:
                yield _program(part), tuple(part)
            part = []
        else:
            part.append(plain(word))


def _program(part: list[str]) -> str:
    for word in part:
        assignment = re.match(r"\w+=", word)
        name = word.rpartition("/")[2]
        if not assignment and not word.startswith("-") and name not in _WRAPPERS:
            return name
    return ""


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
