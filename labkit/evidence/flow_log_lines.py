"""Parse the lines of VPC flow logs.

Source: VPC user guide, "Flow log records" (versions 2 to 10, default format of version 2). A field can be ``-``;
NODATA and SKIPDATA lines have neither addresses nor numbers; a file can repeat its header.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from labkit.evidence.addresses import canonical
from labkit.model import FlowRecord

DEFAULT_FORMAT = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end "
    "action log-status"
)
DEFAULT_FIELDS = tuple(DEFAULT_FORMAT.split())
_FORMAT_WORD = re.compile(r"\$\{([^}]+)\}|([\w-]+)")


class _Moments(dict[str, datetime]):
    """Converts seconds to datetimes, each only once: many records have the same time."""

    def __missing__(self, text: str) -> datetime:
        try:
            value = self[text] = datetime.fromtimestamp(int(text), UTC)
        except (OverflowError, OSError) as error:
            raise ValueError(f"{text} isn't a time") from error
        return value


def read_format(text: str) -> tuple[str, ...]:
    """Return the fields of a format, which is a header (``srcaddr``, ``pkt_srcaddr``) or a ``LogFormat`` (``${srcaddr}``)."""
    return tuple(
        (braced or plain).replace("_", "-") for braced, plain in _FORMAT_WORD.findall(text)
    )


def read(
    lines: Iterable[str], fields: tuple[str, ...]
) -> tuple[tuple[FlowRecord, ...], tuple[str, ...]]:
    """Return the records in lines of this format, and the lines that aren't records. Headers are skipped."""
    reader = _Reader(fields)
    if fields == DEFAULT_FIELDS:
        _read_default(lines, reader)
    else:
        for line in lines:
            reader.read(line)
    return tuple(reader.records), tuple(reader.unread)


def _read_default(lines: Iterable[str], reader: _Reader) -> None:
    """Read lines of the default format as fast as possible: grading spends most of its time here."""
    records, moments = reader.records, reader.moments
    new = tuple.__new__
    for line in lines:
        if ":" in line:  # IPv6 has several notations
            reader.read(line)
            continue
        try:
            _, _, interface, source, target, from_port, to_port, protocol, packets, size, start, end, action, status = line.split()  # fmt: skip
            record = new(
                FlowRecord,
                (
                    interface, source, target, int(from_port), int(to_port), int(protocol), int(packets),
                    int(size), moments[start], moments[end], action, status,
                ),
            )  # fmt: skip
        except ValueError:  # a line without data, a header, or not a record
            reader.read(line)
        else:
            records.append(record)


class _Reader:
    """Reads lines of one format into ``records``, and collects lines that it can't read in ``unread``."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.records: list[FlowRecord] = []
        self.unread: list[str] = []
        self.moments = _Moments()
        self._fields = fields
        # The position of each field in a row. ``read`` appends "-" to each row for the fields that the format lacks.
        self._places = [fields.index(f) if f in fields else len(fields) for f in DEFAULT_FIELDS[2:]]

    def read(self, line: str) -> None:
        row = line.split()
        if len(row) == len(self._fields):
            try:
                self.records.append(self._record([*row, "-"]))
            except ValueError:
                if read_format(" ".join(row)) != self._fields:
                    self.unread.append(line)
        elif row:
            self.unread.append(line)

    def _record(self, row: list[str]) -> FlowRecord:
        cells = [row[place] for place in self._places]
        source, target = (None if c == "-" else canonical(c) for c in cells[1:3])
        action = None if cells[10] == "-" else cells[10]
        numbers = (None if cell == "-" else int(cell) for cell in cells[3:8])
        from_port, to_port, protocol, packets, size = numbers
        start, end = self.moments[cells[8]], self.moments[cells[9]]
        return FlowRecord(
            cells[0], source, target, from_port, to_port, protocol, packets, size, start, end, action, cells[11],
        )  # fmt: skip
