"""The types of answers. A check annotates its ``answer`` with one of them.

Each type reads the values as typed, and raises ``Wrong`` if they can't be an answer of this type. Any class with a
``from_typed`` like theirs works, too. For an answer with several values, use a tuple, such as ``tuple[Text, Address]``.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import product
from typing import Protocol, Self, runtime_checkable

from labkit.evidence.commands import unquote
from labkit.grading.normalize import LONG_DASHES, normalize_except_long_dashes, normalize_text
from labkit.grading.outcomes import Wrong
from labkit.grading.shell_words import same

Values = tuple[str, ...]

_AROUND = " \t\r\n'\"`<>(){},;"
_URL = re.compile(r"^[a-z][a-z0-9+.-]*://(?:[^/@]*@)?([^/?#]+)", re.IGNORECASE)
_BRACKETED = re.compile(r"^\[([^\]]+)\](?::\d+)?$")
_WITH_PORT = re.compile(r"^([^:]+):\d+$")
# A line of a flow log in the default format (VPC user guide, "Flow log records").
_FLOW_LINE = re.compile(
    r"(?<!\S)\d+ \d{12} eni-[0-9a-f]+ (?P<source>\S+) (?P<target>\S+)(?: \d+){7} (?:ACCEPT|REJECT) OK(?!\S)"
)
# Private networks (RFC 1918, RFC 4193). Only the lab's servers have such addresses.
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_INSTANCE = re.compile(r"(?<![0-9a-z])i-(?:[0-9a-f]{17}|[0-9a-f]{8})(?![0-9a-z])", re.IGNORECASE)
_BETWEEN_NAMES = re.compile(r"[\s,;|\[\]]+")
# What precedes a command in the log (the attendee may omit host and tag), and its exit status.
_LOGGED = re.compile(r"^(?:.*?\s)?\[\d+\]:\s(?P<command>.+)$", re.DOTALL)
_STATUS = re.compile(r"\s\[\d+\]\s*$")


@runtime_checkable
class AnswerType(Protocol):
    """A type that can read a typed answer."""

    @classmethod
    def from_typed(cls, values: Values) -> object: ...


class Text(str):
    """One or a few words: a name, a session."""

    __slots__ = ()

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        text = " ".join(normalize_text(" ".join(values)).split()).strip("'\"`")
        if not text:
            raise Wrong("Your answer is empty.")
        return cls(text)

    def same_as(self, text: str) -> bool:
        """Whether the answer is this text, ignoring case."""
        return self.casefold() == text.casefold()


class Address(str):
    """An IP address, converted to its usual notation."""

    __slots__ = ()

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        text = normalize_text(" ".join(values))
        whole = _far_end(text) or read_address(text)
        found = {whole} if whole else {read_address(word) for word in re.split(r"[\s,;]+", text)}
        addresses = sorted(address for address in found if address)
        if not addresses:
            raise Wrong("That isn't an IP address. An address looks like 192.0.2.7.")
        if len(addresses) > 1:
            raise Wrong("Your answer contains more than one address. Give only one.")
        return cls(addresses[0])


def _far_end(text: str) -> str | None:
    """Return the address at the far end of a pasted flow log line: the one that isn't private."""
    line = _FLOW_LINE.search(text)
    if line is None:
        return None
    both = {read_address(line["source"]), read_address(line["target"])} - {None}
    far = [address for address in both if address and not _is_inside(address)]
    return far[0] if len(far) == 1 else None


def _is_inside(address: str) -> bool:
    read = ip_address(address)
    return any(read.version == network.version and read in network for network in _PRIVATE)


def read_address(text: str) -> str | None:
    """Return the address in one word (plain, with a port, in brackets, in a URL, or mapped to IPv6), or None."""
    text = text.strip(_AROUND).replace("[.]", ".").replace("(.)", ".").rstrip(".")
    if url := _URL.match(text):
        text = url[1]
    if bracketed := _BRACKETED.match(text):
        text = bracketed[1]
    text = text.partition("/")[0].partition("%")[0]
    if with_port := _WITH_PORT.match(text):
        text = with_port[1]
    try:
        return str(_unmapped(ip_address(text)))
    except ValueError:
        return None


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


class InstanceId(str):
    """The id of a server, or a text that contains it, such as an ARN or the name of a log group."""

    __slots__ = ()

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        found = {match.lower() for match in _INSTANCE.findall(normalize_text(" ".join(values)))}
        if not found:
            raise Wrong("That isn't an instance ID. One looks like i-0123456789abcdef0.")
        if len(found) > 1:
            raise Wrong("Your answer contains more than one instance ID. Give only one.")
        return cls(found.pop())


class Names(tuple[str, ...]):
    """A list of names in any order, separated by commas, blanks, or line breaks; case doesn't matter."""

    __slots__ = ()

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        names: dict[str, str] = {}
        for word in _BETWEEN_NAMES.split(normalize_text(" ".join(values))):
            name = re.split(r"[:/]", word.strip(_AROUND + "."))[-1]
            if name:
                names.setdefault(name.casefold(), name)
        if not names:
            raise Wrong("Your answer is empty.")
        return cls(names.values())

    def missing(self, expected: Iterable[str]) -> tuple[str, ...]:
        """Return the expected names that the answer lacks."""
        have = {name.casefold() for name in self}
        return tuple(name for name in expected if name.casefold() not in have)

    def beyond(self, accepted: Iterable[str]) -> tuple[str, ...]:
        """Return the names in the answer that aren't accepted."""
        known = {name.casefold() for name in accepted}
        return tuple(name for name in self if name.casefold() not in known)


@dataclass(frozen=True, slots=True)
class Command:
    """A command line. ``readings`` are its possible meanings: a pasted log line, for instance, contains one."""

    typed: str
    readings: tuple[str, ...]

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        text = normalize_except_long_dashes(" ".join(values))
        if not text:
            raise Wrong("Your answer is empty.")
        lines = [text]
        if len(values) > 1:  # words after a shell removed the quotation marks
            lines.append(normalize_except_long_dashes(shlex.join(values)))
        readings: dict[str, None] = {}
        # Chats often turn "--" into one long dash, and sometimes "-" too.
        for line, dashes in product(lines, ("-", "--")):
            for reading in _readings(LONG_DASHES.sub(dashes, line)):
                readings.setdefault(reading)
        return cls(text, tuple(readings))

    def same_as(self, command: str) -> bool:
        """Whether the answer is this command, ignoring spacing, the style of quoting, and a trailing ``&``."""
        return any(same(reading, command) for reading in self.readings)


def _readings(text: str) -> Iterable[str]:
    yield text
    for quote in "'\"`":
        if len(text) > 2 and text[0] == text[-1] == quote:
            yield text[1:-1]
    if logged := _LOGGED.match(text):
        yield unquote(logged["command"])
        yield unquote(_STATUS.sub("", logged["command"]))
    if _STATUS.search(text):
        yield unquote(_STATUS.sub("", text))
