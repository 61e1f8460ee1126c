"""Users and groups, read from the guest's own ``/etc/passwd`` and ``/etc/group``."""

from __future__ import annotations

from dataclasses import dataclass

from .files import FileError, FileTree


@dataclass(frozen=True, slots=True)
class User:
    """A line of ``/etc/passwd``."""

    name: str
    uid: int
    gid: int
    comment: str
    home: str
    shell: str


def _lines(files: FileTree, path: str) -> list[list[str]]:
    try:
        text = files.read(path)
    except FileError:
        return []
    return [line.split(":") for line in text.splitlines() if ":" in line]


def all_users(files: FileTree) -> list[User]:
    """All users."""
    return [
        User(name, int(uid), int(gid), comment, home, shell)
        for name, _, uid, gid, comment, home, shell in (
            fields for fields in _lines(files, "/etc/passwd") if len(fields) == 7
        )
        if uid.isdigit() and gid.isdigit()
    ]


def find(files: FileTree, name: str) -> User | None:
    """A user by name or number."""
    for user in all_users(files):
        if name in {user.name, str(user.uid)}:
            return user
    return None


def group_names(files: FileTree) -> dict[int, str]:
    """Group number -> name."""
    return {
        int(fields[2]): fields[0]
        for fields in _lines(files, "/etc/group")
        if len(fields) >= 3 and fields[2].isdigit()
    }


def groups_of(files: FileTree, name: str) -> frozenset[str]:
    """The names of a user's groups."""
    user = find(files, name)
    primary = group_names(files).get(user.gid) if user is not None else None
    others = [
        fields[0]
        for fields in _lines(files, "/etc/group")
        if len(fields) == 4 and name in fields[3].split(",")
    ]
    return frozenset([primary, *others] if primary else others)
