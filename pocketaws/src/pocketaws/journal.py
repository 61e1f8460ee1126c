"""State that outlives the process: a snapshot, and a journal of the transactions since then.

A request is acknowledged when its transaction is in the journal. Each transaction is written to the operating
system but not forced to disk: it survives the death of the process, not of the machine.

Layout of the directory: ``snapshot`` (header line, then a pickle), ``journal`` (frames of length, checksum,
pickle), ``lock`` (held while a process uses the directory). A snapshot works only with the exact version of moto
and of this format: it keeps a few days of work and isn't an archive.
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

FORMAT = 6
_FRAME = struct.Struct(">II")
_SNAPSHOT_BYTES = 64 * 1024 * 1024
# Write a snapshot when replaying the journal would take this many seconds at a restart. Requests
# wait while a snapshot is written, so snapshots may also take no more than this share of the time.
_SNAPSHOT_SECONDS = 2.0
_SNAPSHOT_SHARE = 0.2


class StateError(Exception):
    """The state directory can't be used; the message says why."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One transaction in the journal."""

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
        """Return the state in the snapshot, or ``None`` without a snapshot.

        Raises ``StateError`` if another version wrote the snapshot.
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

    def entries(self) -> Iterator[JournalEntry]:
        """The transactions since the snapshot. An unfinished frame ends them and is cut off."""
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

    def append(self, entry: JournalEntry) -> None:
        """Write a transaction; when this returns, the transaction survives the process.

        Raises ``StateError`` if it can't be written, for example because the disk is full.
        """
        body = pickle.dumps(entry, protocol=pickle.HIGHEST_PROTOCOL)
        try:
            if self._file is None:
                self._file = _private(self._folder / "journal", "ab")
            self._file.write(_FRAME.pack(len(body), zlib.crc32(body)) + body)
            self._file.flush()
        except OSError as error:
            raise StateError(f"{self._folder} cannot be written to: {error}") from error

    def add_replay_seconds(self, seconds: float) -> None:
        """Add the time that replaying the last transaction will take."""
        self._seconds += seconds

    @property
    def wants_snapshot(self) -> bool:
        """Whether the journal is so long that a restart would take too long."""
        fitting = max(_SNAPSHOT_SECONDS, self._last_snapshot_seconds / _SNAPSHOT_SHARE)
        long = self._file is not None and self._file.tell() >= self._bytes_wanted
        return long or self._seconds >= fitting

    def postpone_snapshot(self) -> None:
        """Wait before the next snapshot, because one failed. The journal still holds everything."""
        self._seconds = 0.0
        self._bytes_wanted = (self._file.tell() if self._file else 0) + _SNAPSHOT_BYTES

    def write_snapshot(self, version: str, state: Any) -> None:
        """Write a new snapshot and start an empty journal.

        The snapshot gets its name only when it's complete. If the process dies before the old journal is
        deleted, the numbers of its transactions show that the snapshot already has them.
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
        """Release the directory."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._lock.close()


def _header(version: str) -> str:
    return f"pocketaws-state format={FORMAT} {version}"


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
