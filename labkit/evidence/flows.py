"""VPC flow logs: who talked to whom.

A seat has tens of thousands of lines, and a check needs only a few of them. So searches for an address or a port run
on the text, and records are parsed only on demand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, overload

from labkit.evidence.calls import log_events
from labkit.evidence.flow_log_lines import DEFAULT_FIELDS, DEFAULT_FORMAT, read, read_format
from labkit.evidence.window import Window
from labkit.model import FlowRecord

_NEEDED = {"interface-id", "start", "end"}


class FormatError(ValueError):
    """A flow log's format lacks the interface or the time."""


class FlowLog(Sequence[FlowRecord]):
    """The records of a flow log, in order; parsed on first use."""

    def __init__(
        self, text: str, fields: tuple[str, ...] = DEFAULT_FIELDS, line_end: str = "\n"
    ) -> None:
        self._text = text
        self._line_end = line_end
        self._fields = fields
        self._found: dict[tuple[str, ...], tuple[FlowRecord, ...]] = {}
        self._read: tuple[tuple[FlowRecord, ...], tuple[str, ...]] | None = None

    @property
    def records(self) -> tuple[FlowRecord, ...]:
        return self._parsed()[0]

    @property
    def unread(self) -> tuple[str, ...]:
        """Lines that aren't flow records: truncated, or in another format."""
        return self._parsed()[1]

    @property
    def text(self) -> str:
        return self._text

    def holding(self, *words: str) -> tuple[FlowRecord, ...] | None:
        """Return the records that contain all these words as fields; None if a text search can't tell."""
        if words not in self._found:
            if not self._is_plain:
                return None
            lines = _lines_with(self.text, self._line_end, *words)
            self._found[words] = read(lines, self._fields)[0]
        return self._found[words]

    @cached_property
    def _is_plain(self) -> bool:
        """Whether exactly one space separates the fields."""
        return self._fields == DEFAULT_FIELDS and "\t" not in self.text and "  " not in self.text

    def _parsed(self) -> tuple[tuple[FlowRecord, ...], tuple[str, ...]]:
        if self._read is None:
            self._read = read(self.text.split(self._line_end), self._fields)
        return self._read

    def __iter__(self) -> Iterator[FlowRecord]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    @overload
    def __getitem__(self, place: int) -> FlowRecord: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[FlowRecord, ...]: ...
    def __getitem__(self, place: int | slice) -> FlowRecord | tuple[FlowRecord, ...]:
        return self.records[place]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, tuple | FlowLog):
            return self.records == tuple(other)
        return NotImplemented

    def __getstate__(self) -> dict[str, Any]:
        """Pickle only the text; the rest can be read from it again."""
        state = {**self.__dict__, "_found": {}, "_read": None}
        state.pop("_is_plain", None)
        return state

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"FlowLog({len(self.text)} characters)"


def parse(lines: Iterable[str], line_format: str = DEFAULT_FORMAT) -> FlowLog:
    """Parse flow log lines; raises ``FormatError`` for a format without interface, start, or end.

    Headers are skipped; other lines that aren't records are in ``unread``.
    """
    fields = read_format(line_format)
    if lacking := sorted(_NEEDED - set(fields)):
        raise FormatError(f"the flow log's format lacks {', '.join(lacking)}")
    return FlowLog("\n".join(lines), fields)


def as_line(record: FlowRecord, account: str = "-") -> str:
    """Write a record as a line of the default format."""
    start, end = int(record.started_at.timestamp()), int(record.ended_at.timestamp())
    seen = (*record[1:8], start, end, record.action)
    middle = " ".join("-" if value is None else str(value) for value in seen)
    return f"2 {account} {record.interface_id} {middle} {record.status}"


def with_address(flows: Iterable[FlowRecord], address: str) -> tuple[FlowRecord, ...]:
    """Return the records from or to an address; faster than filtering all records."""
    # A search for text doesn't find the other notations of an IPv6 address.
    found = flows.holding(address) if isinstance(flows, FlowLog) and ":" not in address else None
    return tuple(record for record in (flows if found is None else found) if address in record[1:3])


def with_port(
    flows: Iterable[FlowRecord], port: int, action: str | None = None
) -> tuple[FlowRecord, ...]:
    """Return the records with a port at either end and, if given, this action; faster than filtering all records."""
    words = [str(port)] if action is None else [str(port), action]
    found = flows.holding(*words) if isinstance(flows, FlowLog) else None
    return tuple(
        record
        for record in (flows if found is None else found)
        if port in record[3:5] and action in (None, record.action)
    )


def _lines_with(text: str, line_end: str, *words: str) -> Iterator[str]:
    """Yield the lines that contain the words in this order, each between spaces."""
    end = 0
    for at in _places(text, line_end, *words):
        if at >= end:
            start, end = text.rfind(line_end, 0, at) + 1, text.find(line_end, at)
            end = len(text) if end < 0 else end
            yield text[start:end]


def _places(text: str, line_end: str, first: str, *rest: str) -> Iterator[int]:
    """Yield the positions of the first word in lines that also contain the other words after it."""
    if not rest:  # For a rare word, nothing is as fast as find.
        at = text.find(f" {first} ")
        while at >= 0:
            yield at
            at = text.find(f" {first} ", at + 1)
        return
    ahead = "".join(f"(?=[^{line_end}]* {re.escape(word)} )" for word in rest)
    for found in re.finditer(f" {re.escape(first)}(?= ){ahead}", text):
        yield found.start()


def fetch(
    logs: Any, group: str, windows: Sequence[Window], line_format: str = DEFAULT_FORMAT
) -> FlowLog:
    """Return the flow records of a log group in the windows.

    The time of an event is the start of its record (VPC user guide), so a window must also include records that began
    before the run. That's why windows exceed a run by more than an aggregation interval.
    """
    messages = (
        str(event["message"])
        for window in windows
        for event in log_events(logs, group, window.start, window.end)
    )
    return parse(messages, line_format)
