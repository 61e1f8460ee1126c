"""The registry of programs, with their paths and packages."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass

from ...registry import load_below
from ..files import FileError, Identity
from ..machine import Machine
from ..shell.redirection import RedirectError
from ..shell.shell import Shell
from ..shell.streams import Stream

_BYTES_A_STEP = 4096


class UsageError(Exception):
    """The program's arguments are invalid. ``status`` is its exit status."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class Run:
    """One run of a program."""

    shell: Shell
    name: str
    arguments: list[str]

    @property
    def machine(self) -> Machine:
        return self.shell.machine

    @property
    def identity(self) -> Identity:
        return self.shell.identity

    @property
    def cwd(self) -> str:
        return self.shell.state.cwd

    def out(self, text: str) -> None:
        self.machine.spend(len(text) // _BYTES_A_STEP)
        self.shell.out(text)

    def err(self, text: str) -> None:
        self.shell.err(text)

    def complain(self, message: str) -> None:
        self.err(f"{self.name}: {message}\n")

    def input(self) -> str:
        """All of standard input."""
        return self.shell.streams.get(0, Stream()).read()

    def read(self, path: str) -> str:
        """The text of a file, or of standard input for ``-``; raises ``FileError``."""
        if path == "-":
            return self.input()
        try:
            text = self.shell.open(path, "r").read()
        except RedirectError as error:
            raise FileError(str(error).rpartition(": ")[2]) from error
        self.machine.spend(len(text) // _BYTES_A_STEP)
        return text

    def open(self, path: str, mode: str) -> Stream:
        """Open a file for writing; raises ``FileError``."""
        try:
            return self.shell.open(path, mode)
        except RedirectError as error:
            raise FileError(str(error).rpartition(": ")[2]) from error

    def texts(self, paths: list[str]) -> tuple[list[tuple[str, str]], int]:
        """``(path, text)`` for each readable file (standard input if there are no paths), and a status."""
        found: list[tuple[str, str]] = []
        status = 0
        for path in paths or ["-"]:
            try:
                found.append((path, self.read(path)))
            except FileError as error:
                self.complain(f"{path}: {error}")
                status = 1
        return found, status


Function = Callable[[Run], int]


@dataclass(frozen=True, slots=True)
class Program:
    """A program with its function, paths, and package."""

    name: str
    function: Function
    paths: tuple[str, ...]
    package: str


_PROGRAMS: dict[str, Program] = {}


def program(
    *names: str, package: str = "base", folder: str = "/usr/bin"
) -> Callable[[Function], Function]:
    """Register ``function(run) -> status`` as these programs, in ``folder``.

    The image contains package ``base``. Programs of other packages exist once a guest has installed the package.
    """

    def register(function: Function) -> Function:
        for name in names:
            if name in _PROGRAMS:
                raise ValueError(f"program {name} is registered twice")
            _PROGRAMS[name] = Program(name, function, (f"{folder}/{name}",), package)
        return function

    return register


@functools.cache
def _programs() -> dict[str, Program]:
    """All programs. Their modules load when a server first needs one."""
    load_below(importlib.import_module(__package__))
    return _PROGRAMS


def find(name: str) -> Program:
    return _programs()[name]


def every() -> list[Program]:
    """All programs."""
    return list(_programs().values())


def of_package(package: str) -> list[Program]:
    """The programs in a package."""
    return [found for found in _programs().values() if found.package == package]


def parse(
    run: Run, flags: str, valued: str = "", long: dict[str, str] | None = None
) -> tuple[dict[str, str], list[str]]:
    """Parse options by letter (``""`` for flags, the value for ``valued``), and return the other arguments too.

    ``long`` maps ``--name`` to a letter; raises ``UsageError`` for an unknown option.
    """
    found: dict[str, str] = {}
    rest: list[str] = []
    words = list(run.arguments)
    while words:
        word = words.pop(0)
        if word == "--":
            return found, rest + words
        if word.startswith("--"):
            name, sign, value = word.partition("=")
            letter = (long or {}).get(name)
            if letter is None:
                raise UsageError(f"unrecognized option '{word}'")
            takes = letter in valued
            if takes and not sign:
                if not words:
                    raise UsageError(f"option '{name}' requires an argument")
                value = words.pop(0)
            found[letter] = value
        elif word.startswith("-") and len(word) > 1:
            _letters(word, words, flags, valued, found)
        else:
            rest.append(word)
    return found, rest


def _letters(word: str, words: list[str], flags: str, valued: str, found: dict[str, str]) -> None:
    for at, letter in enumerate(word[1:], 1):
        if letter in valued:
            value = word[at + 1 :]
            if not value:
                if not words:
                    raise UsageError(f"option requires an argument -- '{letter}'")
                value = words.pop(0)
            found[letter] = value
            return
        if letter not in flags:
            raise UsageError(f"invalid option -- '{letter}'")
        found[letter] = ""


def to_number(text: str, base: int = 10) -> int:
    """Parse an integer argument; raises ``UsageError``."""
    try:
        return int(text, base)
    except ValueError:
        raise UsageError(f"invalid number: '{text}'") from None


def to_seconds(text: str) -> float:
    """Parse a time in seconds, from 0 to one day; raises ``UsageError``."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 86400:
        raise UsageError(f"invalid time: '{text}'")
    return value
