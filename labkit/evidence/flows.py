"""VPC flow logs: who talked to whom.

Source: VPC user guide, "Flow log records" (versions 2 to 10, default format of version 2). Fields may be
``-``; NODATA and SKIPDATA lines have neither addresses nor numbers; a file may repeat its header.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from labkit.evidence.calls import log_events
from labkit.evidence.window import Window
from labkit.model import FlowRecord

DEFAULT_FORMAT = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end "
    "action log-status"
)
_FIELDS = (
    "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes",
    "start", "end", "action", "log-status",
)  # fmt: skip
_NEEDED = {"interface-id", "start", "end"}
_FORMAT_WORD = re.compile(r"\$\{([^}]+)\}|([\w-]+)")


class FormatError(ValueError):
    """A flow log's format lacks what tells a record's interface and time."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """Records, and lines that are no flow records (cut off, of another format)."""

    records: tuple[FlowRecord, ...]
    unread: tuple[str, ...]


class _Numbers(dict[str, "int | None"]):
    """Text to number; ports and counts repeat, so most are looked up and not converted."""

    def __missing__(self, text: str) -> int | None:
        value = self[text] = int(text)
        return value


class _Moments(dict[str, datetime]):
    """Seconds to time: the records of a minute share theirs."""

    def __missing__(self, text: str) -> datetime:
        value = self[text] = datetime.fromtimestamp(int(text), UTC)
        return value


class _Texts(dict[str, "str | None"]):
    """One object for equal addresses, however many records name them."""

    def __missing__(self, text: str) -> str | None:
        self[text] = text
        return text


def read_format(text: str) -> tuple[str, ...]:
    """The fields of a format: a header (``srcaddr``, ``pkt_srcaddr``) or a ``LogFormat`` (``${srcaddr}``)."""
    return tuple(
        (braced or plain).replace("_", "-") for braced, plain in _FORMAT_WORD.findall(text)
    )


def parse(lines: Iterable[str], line_format: str = DEFAULT_FORMAT) -> Parsed:
    """Read flow log lines; raises ``FormatError`` for a format without interface, start or end.

    Headers are passed over; other lines that cannot be read are handed back.
    """
    fields = read_format(line_format)
    if lacking := sorted(_NEEDED - set(fields)):
        raise FormatError(f"the flow log's format has no {', '.join(lacking)}")
    unread: list[str] = []
    rows = _rows(lines, fields, unread)
    return Parsed(tuple(_records(rows, fields, unread)), tuple(unread))


def _rows(lines: Iterable[str], fields: tuple[str, ...], unread: list[str]) -> Iterator[list[str]]:
    width = len(fields)
    for line in lines:
        row = line.split()
        if len(row) == width:
            yield row
        elif row:
            unread.append(line)


def _records(
    rows: Iterable[list[str]], fields: tuple[str, ...], unread: list[str]
) -> Iterator[FlowRecord]:
    # A field that the format does not have is read from behind the row, where "-" (absent) is put.
    absent = len(fields)
    pick = itemgetter(*(fields.index(f) if f in fields else absent for f in _FIELDS))
    padded = not set(_FIELDS) <= set(fields)
    number = _Numbers({"-": None})
    text = _Texts({"-": None})
    at = _Moments()
    new = tuple.__new__
    for row in rows:
        if padded:
            row.append("-")
        interface, source, target, from_port, to_port, proto, packets, size, start, end, act, status = pick(row)  # fmt: skip
        try:
            yield new(
                FlowRecord,
                (
                    interface, text[source], text[target], number[from_port], number[to_port],
                    number[proto], number[packets], number[size], at[start], at[end],
                    text[act], status,
                ),
            )  # fmt: skip
        except ValueError:
            if read_format(" ".join(row[:absent])) != fields:
                unread.append(" ".join(row[:absent]))


def fetch(
    logs: Any, group: str, windows: Sequence[Window], line_format: str = DEFAULT_FORMAT
) -> Parsed:
    """The flow records of a log group in the windows.

    The events' own times are the records' starts (VPC user guide), so a window also needs the records
    that began before it: windows are wider than a run by more than an aggregation interval.
    """
    messages = (
        str(event["message"])
        for window in windows
        for event in log_events(logs, group, window.start, window.end)
    )
    return parse(messages, line_format)
