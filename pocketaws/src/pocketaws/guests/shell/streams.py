"""The streams that file descriptors refer to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ..files import FileTree

MAX_TEXT = 4 * 1024 * 1024


class OutputLimitError(Exception):
    """A guest exceeded its output limit."""


@dataclass
class Stream:
    """``/dev/null``: reads return nothing, and writes are discarded."""

    def read(self) -> str:
        return ""

    def write(self, text: str) -> None:
        """Write text."""

    @property
    def is_terminal(self) -> bool:
        return False


@dataclass
class Input(Stream):
    """Text to read from."""

    text: str = ""
    at: int = 0

    def read(self) -> str:
        text, self.at = self.text[self.at :], len(self.text)
        return text


@dataclass
class Capture(Stream):
    """Keeps what is written."""

    pieces: list[str] = field(default_factory=list)
    size: int = 0
    terminal: bool = False

    def write(self, text: str) -> None:
        self.size += len(text)
        if self.size > MAX_TEXT:
            raise OutputLimitError
        self.pieces.append(text)

    def take(self) -> str:
        """Return and clear the captured text."""
        text = "".join(self.pieces)
        self.pieces.clear()
        self.size = 0
        return text

    @property
    def is_terminal(self) -> bool:
        return self.terminal


@dataclass
class DiskFile(Stream):
    """An open file of a guest."""

    files: FileTree
    path: str
    now: datetime
    at: int = 0
    append: bool = False

    def read(self) -> str:
        node = self.files.node(self.path)
        content = node.content if node is not None else ""
        text, self.at = content[self.at :], len(content)
        return text

    def write(self, text: str) -> None:
        node = self.files.node(self.path)
        if node is None or node.kind != "file":
            return
        content = node.content
        if self.append or self.at >= len(content):
            made = content + text
            self.at = len(made)
        else:
            made = content[: self.at] + text + content[self.at + len(text) :]
            self.at += len(text)
        self.files.write(self.path, made, self.now)
