"""Redirects file descriptors while a command runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..files import FileError
from .shell import Shell
from .streams import DiskFile, Input, Stream
from .syntax import Redirect

_NAMED = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


class RedirectError(Exception):
    """A redirection failed. The message is the shell's."""


@contextmanager
def redirected(shell: Shell, redirects: tuple[Redirect, ...]) -> Iterator[bool]:
    """Redirect within the block; yields False if a redirection failed."""
    streams = shell.state.streams
    saved = dict(streams)
    ready = True
    for redirect in redirects:
        try:
            _apply(shell, redirect)
        except (RedirectError, FileError) as error:
            shell.complain(str(error))
            ready = False
            break
    try:
        yield ready
    finally:
        streams.clear()
        streams.update(saved)


def _apply(shell: Shell, redirect: Redirect) -> None:
    streams = shell.state.streams
    operator = redirect.operator
    fd = (0 if operator.startswith("<") else 1) if redirect.fd is None else redirect.fd
    if operator in {"<<", "<<-", "<<<"}:
        end = "\n" if operator == "<<<" else ""
        streams[fd] = Input(shell.expand_text(redirect.target) + end)
        return
    fields = shell.expand((redirect.target,))
    if len(fields) != 1:
        raise RedirectError("ambiguous redirect")
    target = fields[0]
    if operator == ">&":
        streams[fd] = _duplicate(streams, target)
    elif operator == "&>":
        streams[1] = streams[2] = open_stream(shell, target, "w")
    else:
        streams[fd] = open_stream(shell, target, {"<": "r", ">": "w", ">>": "a"}[operator])


def _duplicate(streams: dict[int, Stream], target: str) -> Stream:
    if not target.isdigit():
        raise RedirectError(f"pocketaws doesn't emulate >&{target}")
    if int(target) not in streams:
        raise RedirectError(f"{target}: Bad file descriptor")
    return streams[int(target)]


def open_stream(shell: Shell, target: str, mode: str) -> Stream:
    """The stream of a path (``r``, ``w``, ``a``); raises ``RedirectError``."""
    number = _NAMED.get(target)
    if number is not None and number in shell.state.streams:
        return shell.state.streams[number]
    files, cwd, who = shell.machine.files, shell.state.cwd, shell.identity
    now = shell.machine.now
    try:
        real = files.real(target, cwd)
        if mode == "r":
            files.read(target, cwd, who)
        elif mode == "w" and files.node(real) is not None:
            files.write(target, "", now, cwd, who)
        else:
            files.write(target, "", now, cwd, who, append=True, mode=0o666 & ~shell.state.umask)
    except FileError as error:
        raise RedirectError(f"{target}: {error}") from error
    node = files.node(real)
    if node is not None and node.kind == "device":
        return shell.machine.device(node.content)
    return DiskFile(files, real, now, append=mode == "a")
