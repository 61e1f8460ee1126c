"""State that outlives the process: a snapshot, and behind it a journal of the turns taken since.

A request is acknowledged when its turn is in the journal. The journal is written to the operating system
for each turn and not forced to the disk: it survives the death of the process, not of the machine.

Layout of the directory: ``snapshot`` (header line, then a pickle), ``journal`` (frames of length, checksum,
pickle), ``lock`` (held while a process uses the directory). Snapshots are by exact version of moto and of
this format: they keep some days of work, and are no archives.
"""

from __future__ import annotations

import io
import os
import pickle
import struct
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import cloudpickle

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FORMAT = 3
_FRAME = struct.Struct(">II")
_SNAPSHOT_BYTES = 64 * 1024 * 1024
# A snapshot is due when what is in the journal would take this long to take again at a restart, and no
# sooner than is fitting for what a snapshot costs, during which nobody is answered.
_SNAPSHOT_SECONDS = 2.0
_SNAPSHOT_SHARE = 0.2


class StateError(Exception):
    """The state directory cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class TurnEntry:
    """One turn as the journal holds it."""

    number: int
    time: datetime
    name: str
    values: dict[str, Any]


class Journal:
    """The state directory of one running world."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._lock = _take_lock(folder / "lock")
        self._file: IO[bytes] | None = None
        self._seconds = 0.0
        self._last_snapshot_seconds = 0.0
        self._bytes_wanted = _SNAPSHOT_BYTES

    def read_snapshot(self, version: str) -> Any | None:
        """The state in the snapshot, or None where there is none.

        Raises ``StateError`` for a snapshot of another version.
        """
        path = self._folder / "snapshot"
        if not path.exists():
            return None
        with path.open("rb") as file:
            header = file.readline().decode("ascii", "replace").strip()
            if header != _header(version):
                raise StateError(
                    f"{path} was written by another version ({header}). Use an empty directory."
                )
            return pickle.load(file)  # noqa: S301 - the owner's own file, of mode 0600

    def entries(self) -> Iterator[TurnEntry]:
        """The turns since the snapshot; a frame that was not finished ends them and is cut off."""
        path = self._folder / "journal"
        if not path.exists():
            return
        good = 0
        with path.open("rb") as file:
            while (head := file.read(_FRAME.size)) and len(head) == _FRAME.size:
                length, checksum = _FRAME.unpack(head)
                body = file.read(length)
                if len(body) != length or zlib.crc32(body) != checksum:
                    break
                yield pickle.loads(body)  # noqa: S301 - the owner's own file, of mode 0600
                good = file.tell()
        os.truncate(path, good)

    def append(self, entry: TurnEntry) -> None:
        """Write a turn down; when this returns it survives the process.

        Raises ``StateError`` where it cannot be written, for want of space for example.
        """
        body = pickle.dumps(entry, protocol=pickle.HIGHEST_PROTOCOL)
        try:
            if self._file is None:
                self._file = _private(self._folder / "journal", "ab")
            self._file.write(_FRAME.pack(len(body), zlib.crc32(body)) + body)
            self._file.flush()
        except OSError as error:
            raise StateError(f"{self._folder} cannot be written to: {error}") from error

    def spent(self, seconds: float) -> None:
        """Count what it will take to take the last turn again."""
        self._seconds += seconds

    @property
    def wants_snapshot(self) -> bool:
        """Whether the journal has grown so long that a restart would take too long."""
        fitting = max(_SNAPSHOT_SECONDS, self._last_snapshot_seconds / _SNAPSHOT_SHARE)
        long = self._file is not None and self._file.tell() >= self._bytes_wanted
        return long or self._seconds >= fitting

    def put_off(self) -> None:
        """Want no snapshot for a while: one could not be written. The journal holds all that it would have."""
        self._seconds = 0.0
        self._bytes_wanted = (self._file.tell() if self._file else 0) + _SNAPSHOT_BYTES

    def write_snapshot(self, version: str, state: Any) -> None:
        """Put the state in a new snapshot and begin an empty journal.

        The snapshot takes its name only when it is whole. If the process dies before the old journal is gone,
        its turns are known by their numbers to be in the snapshot already.
        """
        began = time.perf_counter()
        buffer = io.BytesIO()
        cloudpickle.dump(state, buffer, protocol=pickle.HIGHEST_PROTOCOL)
        fresh = self._folder / "snapshot.new"
        with _private(fresh, "wb") as file:
            file.write(f"{_header(version)}\n".encode("ascii"))
            file.write(buffer.getbuffer())
        fresh.replace(self._folder / "snapshot")
        if self._file is not None:
            self._file.close()
            self._file = None
        (self._folder / "journal").unlink(missing_ok=True)
        self._seconds = 0.0
        self._last_snapshot_seconds = time.perf_counter() - began
        self._bytes_wanted = _SNAPSHOT_BYTES

    def close(self) -> None:
        """Let go of the directory."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._lock.close()


def _header(version: str) -> str:
    return f"local-aws-state format={FORMAT} {version}"


def _private(path: Path, mode: str) -> IO[bytes]:
    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    return open(path, mode, opener=opener)


def _take_lock(path: Path) -> IO[bytes]:
    """Hold an exclusive lock on a file for as long as it is open."""
    file = _private(path, "ab")
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise StateError(f"{path.parent} is in use by another process.") from error
    return file
