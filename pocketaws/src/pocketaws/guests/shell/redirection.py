"""Redirections: which stream a file descriptor leads to while a command runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..files import FileError, Node
from .streams import Capture, DiskFile, Input, Stream, ToCommands

if TYPE_CHECKING:
    from .interpreter import Interpreter
    from .syntax import ProcessSubstitution, Redirect

_NAMED = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


class RedirectError(Exception):
    """A redirection that failed, in the shell's words."""


class Redirections:
    """The redirections of one shell."""

    def __init__(self, shell: Interpreter) -> None:
        self.shell = shell
        self.sinks: dict[str, ToCommands] = {}
        self.own: list[str] = []
        self.kept: list[str] = []
        self.outer: dict[str, dict[int, Stream]] = {}

    @contextmanager
    def applied(self, redirects: tuple[Redirect, ...], *, keep: bool = False) -> Iterator[bool]:
        """Redirect for as long as the block lasts (``keep``: for good); False where one failed."""
        streams = self.shell.state.streams
        saved = dict(streams)
        mark = len(self.own)
        ready = True
        for redirect in redirects:
            try:
                self._apply(redirect)
            except (RedirectError, FileError) as error:
                self.shell.complain(str(error))
                ready = False
                break
        try:
            yield ready
        finally:
            if keep and ready:
                self.kept.extend(self.own[mark:])
            else:
                streams.clear()
                streams.update(saved)
                for path in self.own[mark:]:
                    self._run_sink(path)
            del self.own[mark:]

    def finish(self) -> None:
        """Run what stands behind the ``>( … )`` that the shell kept open."""
        for path in self.kept:
            self._run_sink(path)
        self.kept.clear()

    def _run_sink(self, path: str) -> None:
        sink = self.sinks.pop(path, None)
        if sink is None:
            self.shell.machine.files.changed.pop(path, None)
            return
        if sink.body is not None:
            inner = self.shell.fork()
            inner.streams.update({0: Input(sink.written.take()), **self.outer.pop(path, {})})
            inner.run_forked(sink.body)

    def substitute(self, part: ProcessSubstitution) -> str:
        """The path that ``<( … )`` or ``>( … )`` stands for."""
        number = 63
        while f"/dev/fd/{number}" in self.sinks or f"/dev/fd/{number}" in self.own:
            number -= 1
        path = f"/dev/fd/{number}"
        self.own.append(path)
        if part.direction == ">":
            self.sinks[path] = ToCommands(body=part.body)
            streams = self.shell.state.streams
            self.outer[path] = {fd: streams[fd] for fd in (1, 2) if fd in streams}
            return path
        inner = self.shell.fork()
        capture = Capture()
        inner.streams[1] = capture
        inner.run_forked(part.body)
        self.shell.machine.files.put(path, Node("file", capture.take(), 0o600))
        return path

    def _apply(self, redirect: Redirect) -> None:
        shell, streams = self.shell, self.shell.state.streams
        operator = redirect.operator
        default = 0 if operator.startswith("<") else 1
        fd = default if redirect.fd is None else redirect.fd
        if redirect.variable:
            fd = max((10, *(n + 1 for n in streams)))
            shell.assign(redirect.variable, str(fd))
        if operator in {"<<", "<<-"}:
            streams[fd] = Input(shell.expand_text(redirect.target))
            return
        if operator == "<<<":
            streams[fd] = Input(shell.expand_text(redirect.target) + "\n")
            return
        fields = shell.expand((redirect.target,))
        if len(fields) != 1:
            raise RedirectError("ambiguous redirect")
        target = fields[0]
        if operator in {">&", "<&"} and (target == "-" or target.rstrip("-").isdigit()):
            self._duplicate(fd, target)
        elif operator == "<&":
            raise RedirectError(f"{target}: ambiguous redirect")
        elif operator in {"&>", "&>>", ">&"}:
            streams[1] = streams[2] = self.open(target, "a" if operator == "&>>" else "w")
        else:
            mode = {"<": "r", ">": "w", ">|": "w", ">>": "a", "<>": "r+"}[operator]
            noclobber = operator == ">" and "noclobber" in shell.state.options
            if noclobber and shell.machine.files.get(target, shell.state.cwd) is not None:
                raise RedirectError(f"{target}: cannot overwrite existing file")
            streams[fd] = self.open(target, mode)

    def _duplicate(self, fd: int, target: str) -> None:
        streams = self.shell.state.streams
        if target == "-":
            streams.pop(fd, None)
            return
        source = int(target.rstrip("-"))
        if source not in streams:
            raise RedirectError(f"{source}: Bad file descriptor")
        streams[fd] = streams[source]
        if target.endswith("-"):
            streams.pop(source)

    def open(self, target: str, mode: str) -> Stream:
        """The stream of a path (``r``, ``w``, ``a``, ``r+``); raises ``RedirectError``."""
        shell = self.shell
        special = self._special(target, mode)
        if special is not None:
            return special
        files, cwd, who = shell.machine.files, shell.state.cwd, shell.identity
        now = shell.machine.now
        try:
            real = files.real(target, cwd)
            if mode == "r":
                files.read(target, cwd, who)
                return DiskFile(files, real, now)
            if mode == "w" and files.node(real) is not None:
                files.write(target, "", now, cwd, who)
            else:
                files.write(target, "", now, cwd, who, append=True, mode=0o666 & ~shell.state.umask)
        except FileError as error:
            raise RedirectError(f"{target}: {error}") from error
        node = files.node(real)
        if node is not None and node.kind == "device":
            return shell.machine.device(node.content)
        return DiskFile(files, real, now, append=mode == "a")

    def _special(self, target: str, mode: str) -> Stream | None:
        shell = self.shell
        if target in self.sinks and mode != "r":
            return self.sinks[target]
        number = _NAMED.get(target)
        if number is None and target.startswith("/dev/fd/") and target[8:].isdigit():
            number = int(target[8:])
        if number is not None and number in shell.state.streams:
            return shell.state.streams[number]
        if target.startswith(("/dev/tcp/", "/dev/udp/")):
            _, _, protocol, host, port = [*target.split("/"), "", ""][:5]
            failure = shell.machine.network.open_socket(protocol, host, port)
            if failure:
                raise RedirectError(f"connect: {failure}\n{shell.state.name}: {target}: {failure}")
            return Stream()
        real = shell.machine.files.real(target, shell.state.cwd)
        node = shell.machine.files.node(real)
        if node is not None and node.kind == "device" and mode == "r":
            return shell.machine.device(node.content)
        return None

    def text_of(self, target: str) -> str:
        """The text of a file, or a complaint and nothing."""
        try:
            return self.open(target, "r").read()
        except RedirectError as error:
            self.shell.complain(str(error))
            return ""
