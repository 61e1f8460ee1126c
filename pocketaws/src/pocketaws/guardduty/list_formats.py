"""Parses the addresses in a list file.

Source: GuardDuty user guide, "Customizing threat detection with entity lists and IP address lists",
"List formats": plain text (TXT) has one entry per line, IPv4 addresses and ranges only.
"""

from __future__ import annotations

import bisect
import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_BYTES = 35 * 1024 * 1024
FORMATS = ("TXT",)
"""The supported formats."""
# "IP address lists apply only to traffic destined for publicly routable IP addresses."
_NOT_ROUTABLE = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
    )
)  # fmt: skip


class ListError(ValueError):
    """GuardDuty can't read the file as a list; the message says why."""


@dataclass(frozen=True)
class Ranges:
    """Sorted address ranges as numbers, without overlaps."""

    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    def __contains__(self, address: object) -> bool:
        number = int(ipaddress.IPv4Address(str(address)))
        place = bisect.bisect_right(self.starts, number) - 1
        return place >= 0 and number <= self.ends[place]


def is_routable(address: str) -> bool:
    """Whether lists apply to an address: it must be IPv4 and publicly routable."""
    try:
        parsed = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return not any(parsed in network for network in _NOT_ROUTABLE)


def read_list(content: bytes) -> Ranges:
    """Parse a file's addresses; raises ``ListError``."""
    if len(content) > MAX_BYTES:
        raise ListError("the file is larger than 35 MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListError("the file is not text") from error
    found = [_range(entry) for entry in _lines(text)]
    if not found:
        raise ListError("the file has no entries")
    return _merged(found)


def _range(entry: str) -> tuple[int, int]:
    try:
        network = ipaddress.IPv4Network(entry, strict=False)
    except ValueError as error:
        raise ListError(f"{entry!r} is not an IPv4 address or range") from error
    return int(network[0]), int(network[-1])


def _merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted(ranges):
        if ends and start <= ends[-1] + 1:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return Ranges(tuple(starts), tuple(ends))


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
