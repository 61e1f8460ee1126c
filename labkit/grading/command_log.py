"""What was typed on a lab's servers, as checks look at it: by window, by program, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from labkit.evidence.window import Window
from labkit.grading.shell_words import UnfinishedError, is_operator, plain, words
from labkit.model import CommandRecord, Evidence

NEVER_RAN = (126, 127)
"""Exit statuses of a shell that could not run a program (bash manual, "Exit Status")."""
SILENT_PROGRAMS = frozenset(
    {
        ":", "alias", "cat", "echo", "egrep", "export", "fgrep", "grep", "head", "history", "less", "ls", "more",
        "printf", "read", "rm", "sed", "tail", "tee", "touch", "true", "unset", "vi", "vim",
    }
)  # fmt: skip
"""They may name an address and call nobody."""
# They run the program that is named behind them.
_CARRIERS = {"builtin", "command", "env", "exec", "nice", "nohup", "sudo", "time"}


def commands_in(evidence: Evidence, window: Window) -> Iterator[CommandRecord]:
    """What was typed on the lab's servers in a window."""
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
        if not assignment and not word.startswith("-") and name not in _CARRIERS:
            return name
    return ""


def split(line: str) -> list[str]:
    """The words of a line, as well as they can be told."""
    try:
        return [plain(word) for word in words(line)]
    except UnfinishedError:
        return line.split()


def holds(reading: str, line: str) -> bool:
    """Whether a whole line stands in a reading of an answer, perhaps among other things."""
    mine, wanted = split(reading), split(line)
    starts = range(len(mine) - len(wanted) + 1)
    return any(mine[start : start + len(wanted)] == wanted for start in starts)
