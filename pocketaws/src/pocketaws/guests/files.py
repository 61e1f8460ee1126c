"""A guest's file tree: the files of its image, overlaid with the guest's changes.

Internally, paths are absolute and normalized, and content is text. Times are aware and in UTC.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

MAX_BYTES = 16 * 1024 * 1024
_MAX_LINKS = 16
_EPOCH = datetime(2026, 9, 30, 18, 12, tzinfo=UTC)

Kind = Literal["file", "directory", "link", "device"]


class FileError(Exception):
    """A file operation failed. The message is the one that Linux gives."""


@dataclass(frozen=True, slots=True)
class Node:
    """One entry. ``content`` is a file's text, a link's target, or a device's name."""

    kind: Kind
    content: str = ""
    mode: int = 0o644
    owner: str = "root"
    group: str = "root"
    modified: datetime = _EPOCH
    program: str | None = None
    """The emulated program that this file stands for (``programs``)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The user and groups that an operation runs as."""

    user: str
    groups: frozenset[str]

    @property
    def is_root(self) -> bool:
        return self.user == "root"


ROOT = Identity("root", frozenset({"root"}))
IMAGES: dict[str, Callable[[], Mapping[str, Node]]] = {}
"""The entries of each image. ``image`` registers its own here, since it's built from these nodes."""


@dataclass
class FileTree:
    """The tree of one guest."""

    image: str
    changed: dict[str, Node | None] = field(default_factory=dict)
    """Path -> entry, or None if the guest removed an entry of the image."""
    used: int = 0
    base: Mapping[str, Node] | None = None
    """The entries to overlay; None for the image's."""

    def _base(self) -> Mapping[str, Node]:
        return IMAGES[self.image]() if self.base is None else self.base

    def node(self, path: str) -> Node | None:
        """The entry at a normalized path, without following links."""
        if path in self.changed:
            return self.changed[path]
        return self._base().get(path)

    def real(self, path: str, cwd: str = "/", *, follow_last: bool = True) -> str:
        """Resolve the links in a path and normalize it. Parts that don't exist stay as they are."""
        return self._real(posixpath.join(cwd, path), 0, follow_last=follow_last)

    def _real(self, path: str, links: int, *, follow_last: bool) -> str:
        done = "/"
        parts = [part for part in path.split("/") if part not in ("", ".")]
        for number, part in enumerate(parts):
            if part == "..":
                done = posixpath.dirname(done)
                continue
            here = posixpath.join(done, part)
            node = self.node(here)
            last = number == len(parts) - 1
            if node is not None and node.kind == "link" and (follow_last or not last):
                if links >= _MAX_LINKS:
                    raise FileError("Too many levels of symbolic links")
                rest = "/".join(parts[number + 1 :])
                target = posixpath.join(done, node.content, rest).rstrip("/") or "/"
                return self._real(target, links + 1, follow_last=follow_last)
            done = here
        return done

    def get(self, path: str, cwd: str = "/", *, follow: bool = True) -> Node | None:
        """The entry that a path resolves to."""
        return self.node(self.real(path, cwd, follow_last=follow))

    def require_directory(self, path: str, who: Identity) -> None:
        """Check that a path is a directory that ``who`` may enter; raises ``FileError``."""
        real = self.real(path)
        self.check_traversal(real, who)
        node = self.need(real)
        if node.kind != "directory":
            raise FileError("Not a directory")
        if not self.allowed(node, who, "x"):
            raise FileError("Permission denied")

    def need(self, path: str, cwd: str = "/", *, follow: bool = True) -> Node:
        node = self.get(path, cwd, follow=follow)
        if node is None:
            real = self.real(path, cwd, follow_last=follow)
            parent = self.node(posixpath.dirname(real))
            if parent is not None and parent.kind == "file":
                raise FileError("Not a directory")
            raise FileError("No such file or directory")
        return node

    def children(self, path: str) -> Iterator[tuple[str, Node]]:
        """``(name, entry)`` for each entry of a directory (a resolved path), sorted by name."""
        prefix = path if path.endswith("/") else path + "/"
        names: dict[str, Node] = {}
        for source in (self._base(), self.changed):
            for full, node in source.items():
                if full.startswith(prefix) and full != path and "/" not in full[len(prefix) :]:
                    name = full[len(prefix) :]
                    if node is None:
                        names.pop(name, None)
                    else:
                        names[name] = node
        yield from sorted(names.items())

    def allowed(self, node: Node, who: Identity, right: Literal["r", "w", "x"]) -> bool:
        """Whether the mode bits give ``who`` this permission."""
        bit = {"r": 4, "w": 2, "x": 1}[right]
        if who.is_root:
            return right != "x" or node.kind == "directory" or bool(node.mode & 0o111)
        if node.owner == who.user:
            return bool(node.mode >> 6 & bit)
        if node.group in who.groups:
            return bool(node.mode >> 3 & bit)
        return bool(node.mode & bit)

    def check_traversal(self, path: str, who: Identity) -> None:
        """Check that ``who`` may search every directory above a path; raises ``FileError``."""
        here = posixpath.dirname(path)
        while here != "/":
            node = self.node(here)
            if node is not None and node.kind == "directory" and not self.allowed(node, who, "x"):
                raise FileError("Permission denied")
            here = posixpath.dirname(here)

    def read(self, path: str, cwd: str = "/", who: Identity = ROOT) -> str:
        """A file's text; raises ``FileError``."""
        real = self.real(path, cwd)
        self.check_traversal(real, who)
        node = self.need(real)
        if node.kind == "directory":
            raise FileError("Is a directory")
        if not self.allowed(node, who, "r"):
            raise FileError("Permission denied")
        return "" if node.kind == "device" else node.content

    def write(
        self, path: str, text: str, now: datetime, cwd: str = "/", who: Identity = ROOT,
        *, append: bool = False, mode: int = 0o644,
    ) -> str:  # fmt: skip
        """Write a file, creating it with ``mode`` if it doesn't exist; returns its resolved path."""
        real = self.real(path, cwd)
        self.check_traversal(real, who)
        node = self.node(real)
        if node is None:
            self._check_parent(real, who)
            node = Node("file", "", mode, who.user, _group_of(who), now)
        elif node.kind == "directory":
            raise FileError("Is a directory")
        elif not self.allowed(node, who, "w"):
            raise FileError("Permission denied")
        if node.kind == "device":
            return real
        content = node.content + text if append else text
        self.put(real, replace(node, content=content, modified=now, program=None))
        return real

    def put(self, real: str, node: Node) -> None:
        """Set an entry without checking permissions; raises ``FileError`` if the disk is full."""
        old = self.changed.get(real)
        used = self.used + len(node.content) - (len(old.content) if old is not None else 0)
        if used > MAX_BYTES:
            raise FileError("No space left on device")
        self.used = used
        self.changed[real] = node

    def _check_parent(self, real: str, who: Identity) -> None:
        parent = self.node(posixpath.dirname(real))
        if parent is None:
            raise FileError("No such file or directory")
        if parent.kind != "directory":
            raise FileError("Not a directory")
        if not (self.allowed(parent, who, "w") and self.allowed(parent, who, "x")):
            raise FileError("Permission denied")

    def make_directory(
        self, path: str, now: datetime, cwd: str = "/", who: Identity = ROOT, *, mode: int = 0o755
    ) -> str:
        """Create one directory; raises ``FileError``."""
        real = self.real(path, cwd)
        self.check_traversal(real, who)
        if self.node(real) is not None:
            raise FileError("File exists")
        self._check_parent(real, who)
        self.put(real, Node("directory", "", mode, who.user, _group_of(who), now))
        return real

    def make_directories(self, path: str, now: datetime, owner: str = "root") -> None:
        """Create a directory and its parents as the system, without checking permissions."""
        here = ""
        for part in path.strip("/").split("/"):
            here = f"{here}/{part}"
            if self.node(self.real(here)) is None:
                self.put(self.real(here), Node("directory", "", 0o755, owner, owner, now))

    def change(self, path: str, cwd: str, who: Identity, **changes: object) -> None:
        """Change the mode, owner, group, or time of an entry; raises ``FileError``."""
        real = self.real(path, cwd)
        self.check_traversal(real, who)
        node = self.need(real)
        if not who.is_root and (who.user != node.owner or "owner" in changes):
            raise FileError("Operation not permitted")
        self.put(real, replace(node, **changes))  # type: ignore[arg-type]


def _group_of(who: Identity) -> str:
    return who.user
