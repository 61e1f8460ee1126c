"""A block of a stream's log events, stored in columns.

It uses four arrays and one buffer instead of an object per event: about 28 bytes in addition to the
message. The buffer joins the messages in UTF-8, each followed by 0xFF, a byte that UTF-8 never
contains. One search over the buffer finds a term in thousands of events, and never matches across
two of them.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

_END = b"\xff"
MAX_EVENTS = 4096
MAX_BYTES = 1 << 20

Key = tuple[int, int]
"""An event's place in its group: timestamp (ms since 1970, UTC) and sequence number."""


class Segment:
    """Events ordered by key."""

    __slots__ = ("ingested", "sequences", "starts", "text", "timestamps")

    def __init__(self) -> None:
        self.timestamps = array("q")
        self.sequences = array("q")
        self.ingested = array("q")
        self.starts = array("I")
        self.text = bytearray()

    def __len__(self) -> int:
        return len(self.timestamps)

    @property
    def is_full(self) -> bool:
        return len(self.timestamps) >= MAX_EVENTS or len(self.text) >= MAX_BYTES

    @property
    def stored_bytes(self) -> int:
        return len(self.text) - len(self.timestamps)

    def key(self, index: int) -> Key:
        return self.timestamps[index], self.sequences[index]

    def raw(self, index: int) -> bytes:
        """Return a message in UTF-8."""
        return bytes(self.text[self.starts[index] : self._end(index)])

    def columns(self, index: int) -> tuple[int, int, int]:
        """Return an event's timestamp, sequence number, and ingestion time."""
        return self.timestamps[index], self.sequences[index], self.ingested[index]

    def columns_between(
        self, low: int, high: int
    ) -> tuple[Sequence[int], Sequence[int], Sequence[int], Sequence[bytes]]:
        """Return ``columns`` and ``raw`` for the events from ``low`` to ``high`` (exclusive)."""
        text = bytes(self.text[self.starts[low] : self._end(high - 1)])
        return (
            self.timestamps[low:high],
            self.sequences[low:high],
            self.ingested[low:high],
            text.split(_END),
        )

    def cut(self, key: Key) -> int:
        """Return the number of events whose keys are at most ``key``."""
        timestamp, sequence = key
        low = bisect_left(self.timestamps, timestamp)
        high = bisect_right(self.timestamps, timestamp, low)
        return bisect_right(self.sequences, sequence, low, high)

    def add(self, key: Key, ingested: int, message: bytes) -> None:
        """Insert an event at its place; its sequence number is the highest so far."""
        timestamp, sequence = key
        if not self.timestamps or timestamp >= self.timestamps[-1]:
            self.starts.append(len(self.text))
            self.text += message
            self.text += _END
            self.timestamps.append(timestamp)
            self.sequences.append(sequence)
            self.ingested.append(ingested)
        else:
            self._insert(bisect_right(self.timestamps, timestamp), key, ingested, message)

    def _insert(self, index: int, key: Key, ingested: int, message: bytes) -> None:
        start, shift = self.starts[index], len(message) + 1
        self.text[start:start] = message + _END
        moved = (position + shift for position in self.starts[index:])
        self.starts[index:] = array("I", (start, *moved))
        self.timestamps.insert(index, key[0])
        self.sequences.insert(index, key[1])
        self.ingested.insert(index, ingested)

    def split(self) -> Segment:
        """Keep the first half and return the second."""
        middle = len(self) // 2
        start = self.starts[middle]
        rest = Segment()
        rest.text = self.text[start:]
        rest.starts = array("I", (position - start for position in self.starts[middle:]))
        rest.timestamps = self.timestamps[middle:]
        rest.sequences = self.sequences[middle:]
        rest.ingested = self.ingested[middle:]
        del self.text[start:]
        del self.starts[middle:], self.timestamps[middle:]
        del self.sequences[middle:], self.ingested[middle:]
        return rest

    def trim(self) -> None:
        """Release unused memory once no more events are expected at the end."""
        self.text = self.text[:]
        self.starts, self.timestamps = self.starts[:], self.timestamps[:]
        self.sequences, self.ingested = self.sequences[:], self.ingested[:]

    def find(self, needles: Iterable[bytes], low: int, high: int) -> list[int]:
        """Return the events from ``low`` to ``high`` (exclusive) that contain a needle."""
        found: list[list[int]] = [hits for n in needles if (hits := self._find(n, low, high))]
        if not found:
            return []
        return found[0] if len(found) == 1 else sorted(set().union(*found))

    def _find(self, needle: bytes, low: int, high: int) -> list[int]:
        if low >= high:
            return []
        hits: list[int] = []
        text, starts = self.text, self.starts
        stop = self._end(high - 1)
        position = text.find(needle, starts[low], stop)
        index = low
        while position >= 0:
            index = bisect_right(starts, position, index, high) - 1
            hits.append(index)
            index += 1
            if index == high:
                break
            position = text.find(needle, starts[index], stop)
        return hits

    def _end(self, index: int) -> int:
        following = index + 1
        return (self.starts[following] if following < len(self.starts) else len(self.text)) - 1
