"""``chmod`` and ``chown``. Source: GNU coreutils manual."""

from __future__ import annotations

import re

from .. import users
from ..files import FileError, Node
from .registry import Run, UsageError, program

_SYMBOLIC = re.compile(r"([ugoa]*)([-+=])([rwxXst]*)$")


@program("chmod")
def chmod(run: Run) -> int:
    words = [w for w in run.arguments if w not in {"-R", "-v", "-f", "--recursive"}]
    recursive = bool({"-R", "--recursive"} & set(run.arguments))
    if len(words) < 2:
        raise UsageError("missing operand")

    def change(path: str, node: Node) -> None:
        mode = new_mode(words[0], node)
        if mode is None:
            raise UsageError(f"invalid mode: '{words[0]}'")
        run.machine.files.change(path, "/", run.identity, mode=mode)

    return _for_each(run, words[1:], recursive=recursive, change=change, verb="access")


def new_mode(text: str, node: Node) -> int | None:
    """The mode that ``chmod`` makes of a node's; None where the text is no mode."""
    if re.fullmatch(r"[0-7]{1,4}", text):
        return int(text, 8)
    mode = node.mode
    for clause in text.split(","):
        match = _SYMBOLIC.match(clause)
        if match is None:
            return None
        who, sign, rights = match.groups()
        bits = sum({"r": 4, "w": 2, "x": 1}.get(right, 0) for right in set(rights))
        if "X" in rights and (node.kind == "directory" or mode & 0o111):
            bits |= 1
        for letter in "ugo" if not who or "a" in who else who:
            shift = {"u": 6, "g": 3, "o": 0}[letter]
            if sign == "+":
                mode |= bits << shift
            elif sign == "-":
                mode &= ~(bits << shift)
            else:
                mode = mode & ~(7 << shift) | bits << shift
    return mode


@program("chown", "chgrp")
def chown(run: Run) -> int:
    words = [w for w in run.arguments if w not in {"-R", "-v", "-h", "--recursive"}]
    if len(words) < 2:
        raise UsageError("missing operand")
    owner, _, group = words[0].replace(".", ":", 1).partition(":")
    if run.name == "chgrp":
        owner, group = "", words[0]
    files = run.machine.files
    found = users.find(files, owner) if owner else None
    if owner and found is None:
        raise UsageError(f"invalid user: '{words[0]}'")
    if group and group not in users.group_names(files).values():
        raise UsageError(f"invalid group: '{words[0]}'")
    changes: dict[str, object] = {}
    if found is not None:
        changes["owner"] = found.name
    if group:
        changes["group"] = group

    def change(path: str, _node: Node) -> None:
        files.change(path, "/", run.identity, **changes)

    recursive = bool({"-R", "--recursive"} & set(run.arguments))
    return _for_each(run, words[1:], recursive=recursive, change=change, verb="access")


def _for_each(run: Run, paths: list[str], *, recursive: bool, change: object, verb: str) -> int:
    status = 0
    files = run.machine.files
    for path in paths:
        try:
            real = files.real(path, run.cwd)
            node = files.need(real)
            for full, below in list(files.walk(real)) if recursive else [(real, node)]:
                change(full, below)  # type: ignore[operator]
        except FileError as error:
            where = (
                f"cannot {verb} '{path}'"
                if "No such" in str(error)
                else f"changing permissions of '{path}'"
            )
            run.complain(f"{where}: {error}")
            status = 1
    return status
