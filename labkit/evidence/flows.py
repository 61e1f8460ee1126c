"""VPC flow logs: who talked to whom.

Source: VPC user guide, "Flow log records" (versions 2 to 10, default format of version 2). Fields may be
``-``; NODATA and SKIPDATA lines have neither addresses nor numbers; a file may repeat its header.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from labkit.evidence.calls import log_events
from labkit.evidence.window import Window
from labkit.model import FlowRecord

DEFAULT_FORMAT = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end "
    "action log-status"
)
_DEFAULT_FIELDS = tuple(DEFAULT_FORMAT.split())
_NEEDED = {"interface-id", "start", "end"}
_FORMAT_WORD = re.compile(r"\$\{([^}]+)\}|([\w-]+)")


class FormatError(ValueError):
    """A flow log's format lacks what tells a record's interface and time."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """Records, and lines that are no flow records (cut off, of another format)."""

    records: tuple[FlowRecord, ...]
    unread: tuple[str, ...]


class _Moments(dict[str, datetime]):
    """Seconds to time: the records of a minute share theirs."""

    def __missing__(self, text: str) -> datetime:
        value = self[text] = datetime.fromtimestamp(int(text), UTC)
        return value


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
    if fields == _DEFAULT_FIELDS:
        return _parse_default(lines)
    records: list[FlowRecord] = []
    unread: list[str] = []
    moments = _Moments()
    for line in lines:
        _add(line, fields, moments, records, unread)
    return Parsed(tuple(records), tuple(unread))


def _parse_default(lines: Iterable[str]) -> Parsed:
    """The usual lines, of which there are many, without a detour: the time of a grading is spent here."""
    records: list[FlowRecord] = []
    unread: list[str] = []
    moments = _Moments()
    new = tuple.__new__
    for line in lines:
        try:
            _, _, interface, source, target, from_port, to_port, protocol, packets, size, start, end, action, status = line.split()  # fmt: skip
            record = new(
                FlowRecord,
                (
                    interface, source, target, int(from_port), int(to_port), int(protocol), int(packets),
                    int(size), moments[start], moments[end], action, status,
                ),
            )  # fmt: skip
        except ValueError:  # a line without data, a header, or something else
            _add(line, _DEFAULT_FIELDS, moments, records, unread)
        else:
            records.append(record)
    return Parsed(tuple(records), tuple(unread))


def _add(
    line: str,
    fields: tuple[str, ...],
    moments: _Moments,
    records: list[FlowRecord],
    unread: list[str],
) -> None:
    """Read a line of any format into ``records``; one that cannot be read goes to ``unread``."""
    row = line.split()
    if len(row) == len(fields):
        try:
            records.append(_record(dict(zip(fields, row, strict=True)), moments))
        except ValueError:
            if read_format(" ".join(row)) != fields:
                unread.append(line)
    elif row:
        unread.append(line)


def _record(values: dict[str, str], moments: _Moments) -> FlowRecord:
    def text(field: str) -> str | None:
        value = values.get(field, "-")
        return None if value == "-" else value

    def number(field: str) -> int | None:
        value = text(field)
        return None if value is None else int(value)

    return FlowRecord(
        interface_id=values["interface-id"],
        source=text("srcaddr"),
        destination=text("dstaddr"),
        source_port=number("srcport"),
        destination_port=number("dstport"),
        protocol=number("protocol"),
        packets=number("packets"),
        bytes=number("bytes"),
        started_at=moments[values["start"]],
        ended_at=moments[values["end"]],
        action=text("action"),
        status=values.get("log-status", "-"),
    )


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
