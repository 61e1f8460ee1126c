"""The addresses in a list file, by its format.

Source: GuardDuty user guide, "Customizing threat detection with entity lists and IP address lists",
"List formats": one entry a line or row, IPv4 addresses and ranges only.
"""

from __future__ import annotations

import bisect
import csv
import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

MAX_BYTES = 35 * 1024 * 1024
_STIX_VALUE = re.compile(r"<(?:\w+:)?Address_Value\b[^>]*>\s*([^<]+?)\s*</")
# "IP address lists apply only to traffic destined for publicly routable IP addresses."
_NOT_ROUTABLE = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
    )
)  # fmt: skip


class ListError(ValueError):
    """A file that GuardDuty cannot read as a list; says why."""


@dataclass(frozen=True)
class Ranges:
    """Ranges of addresses as numbers, sorted, none overlapping another."""

    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    def __contains__(self, address: object) -> bool:
        number = int(ipaddress.IPv4Address(str(address)))
        place = bisect.bisect_right(self.starts, number) - 1
        return place >= 0 and number <= self.ends[place]


def is_routable(address: str) -> bool:
    """Whether an address is one that lists apply to: IPv4 and publicly routable."""
    try:
        parsed = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return not any(parsed in network for network in _NOT_ROUTABLE)


def read_list(list_format: str, content: bytes) -> Ranges:
    """The addresses of a file; raises ``ListError``."""
    if len(content) > MAX_BYTES:
        raise ListError("the file is larger than 35 MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListError("the file is not text") from error
    found = [_range(entry) for entry in _READERS[list_format](text)]
    if not found:
        raise ListError("the file has no entry")
    return _merged(found)


def _range(entry: str) -> tuple[int, int]:
    first, _, last = entry.partition("##comma##")
    try:
        if last:
            return int(ipaddress.IPv4Address(first)), int(ipaddress.IPv4Address(last))
        network = ipaddress.IPv4Network(first, strict=False)
    except ValueError as error:
        raise ListError(f"{entry!r} is no IPv4 address or range") from error
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


def _txt(text: str) -> Iterator[str]:
    yield from _lines(text)


def _stix(text: str) -> Iterator[str]:
    yield from _STIX_VALUE.findall(text)


def _alien_vault(text: str) -> Iterator[str]:
    for line in _lines(text):
        yield line.split("#")[0]


def _otx_csv(text: str) -> Iterator[str]:
    for row in _rows(text):
        if row.get("Indicator type", "") in {"IPv4", "CIDR"}:
            yield row["Indicator"]


def _proof_point(text: str) -> Iterator[str]:
    for row in _rows(text):
        yield row.get("ip") or row.get("domain") or ""


def _fire_eye(text: str) -> Iterator[str]:
    for row in _rows(text):
        yield from filter(None, (row.get("cidr"), row.get("ip")))


def _rows(text: str) -> Iterator[dict[str, str]]:
    reader = csv.reader(_lines(text), skipinitialspace=True)
    header = [name.strip() for name in next(reader, [])]
    for row in reader:
        yield dict(zip(header, (value.strip() for value in row), strict=False))


_READERS: dict[str, Callable[[str], Iterator[str]]] = {
    "TXT": _txt,
    "STIX": _stix,
    "OTX_CSV": _otx_csv,
    "ALIEN_VAULT": _alien_vault,
    "PROOF_POINT": _proof_point,
    "FIRE_EYE": _fire_eye,
}
