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
from labkit.grading.pasted import Pasted, plain_values, read_pasted
from labkit.grading.shell_words import same

Values = tuple[str, ...]

_AROUND = " \t\r\n'\"`<>(){},;"
_URL = re.compile(r"^[a-z][a-z0-9+.-]*://([^/?#]+)", re.IGNORECASE)
_BRACKETED = re.compile(r"^\[([^\]]+)\](?::\d+)?$")
_WITH_PORT = re.compile(r"^([^:]+):\d+$")
# A line of a flow log in the default format (VPC user guide, "Flow log records").
_FLOW_LINE = re.compile(
    r"(?<![\w.])\d+ \d{12} eni-[0-9a-f]+ (?P<source>\S+) (?P<target>\S+)(?: \d+){7} (?:ACCEPT|REJECT) OK(?!\w)"
)
# Private networks (RFC 1918, RFC 4193). Only the lab's servers have such addresses.
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_INSTANCE = re.compile(r"i-(?:[0-9a-f]{17}|[0-9a-f]{8})", re.IGNORECASE)
_INSTANCE_LIKE = re.compile(r"(?<![0-9a-z-])i-[0-9a-z]*\d[0-9a-z]*", re.IGNORECASE)
_DOTTED = re.compile(r"\d+(?:\.\d+){3}")
_BETWEEN_NAMES = re.compile(r"[\s,;|\[\]]+")
# What precedes a command in the log, and its exit status. The attendee may omit anything but the process ID, and may
# add what the AWS CLI prints in front: the time of the event and its stream.
_LOGGED = re.compile(
    r"^(?:\d[\d:.TZ+-]*\s+)?(?:i-[0-9a-f]+\s+)?(?:[A-Z][a-z]{2}\s+\d+\s+[\d:]+\s+)?(?:[\w.-]+\s+)?"
    r"(?:[\w.-]+(?:\[\d+\])?:\s+)?(?:[\w.-]+\s+)?\[\d+\]:\s(?P<command>.+)$",
    re.DOTALL,
)
_PROMPT = re.compile(r"(?:\[[\w.-]+@[\w.-]+ [^\]\n]*\]|[\w.-]+@[\w.-]+:\S*)?[$#>]\s+")
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
        text = normalize_text("\n".join(plain_values(values)))
        if whole := read_address(text):
            return cls(whole)
        far_ends, rest = _far_ends(text)
        found = {*far_ends, *cls.found_in(read_pasted((rest,)))}
        if not found:
            raise Wrong("That isn't an IP address. An address looks like 192.0.2.7.")
        if len(found) > 1:
            raise Wrong("Your answer contains more than one address. Give only one.")
        return cls(found.pop())

    @classmethod
    def found_in(cls, pasted: Pasted) -> set[str]:
        """The addresses in what was pasted. Anything that looks like an address counts, even if it isn't one."""
        words = {read_address(word) or word for word in pasted.words if _looks_like_one(word)}
        callers = map(read_address, pasted.values("sourceipaddress"))
        found = words | {address for address in callers if address}
        return found if any(map(read_address, found)) else set()


def _looks_like_one(word: str) -> bool:
    return read_address(word) is not None or _DOTTED.fullmatch(word) is not None


def _far_ends(text: str) -> tuple[set[str], str]:
    """The addresses at the far ends of pasted flow log lines (those that aren't private), and the rest of the text."""
    plain = re.sub(r"[\"'\s]+", " ", text)
    found: set[str] = set()
    for line in _FLOW_LINE.finditer(plain):
        both = {read_address(line["source"]), read_address(line["target"])} - {None}
        far = {address for address in both if address and not _is_inside(address)}
        found |= far if len(far) == 1 else {address for address in both if address}
    return found, _FLOW_LINE.sub(" ", plain) if found else text


def _is_inside(address: str) -> bool:
    read = ip_address(address)
    return any(read.version == network.version and read in network for network in _PRIVATE)


def read_address(text: str) -> str | None:
    """Return the address in one word (plain, with a port, in brackets, in a URL, or mapped to IPv6), or None."""
    text = text.strip(_AROUND).replace("[.]", ".").replace("(.)", ".").rstrip(".")
    if url := _URL.match(text):
        text = url[1].rpartition("@")[2]
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
        named = _INSTANCE_LIKE.findall(normalize_text(" ".join(plain_values(values))))
        found = {match.lower() for match in named}
        if not any(map(_INSTANCE.fullmatch, found)):
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
        for word in _BETWEEN_NAMES.split(normalize_text(" ".join(plain_values(values)))):
            for name in split_prefix(word.strip(_AROUND + ".")):
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


def split_prefix(word: str) -> tuple[str, ...]:
    """A name without the service in front of it (``ec2:RunInstances``); all parts if the first isn't a service."""
    *prefix, name = re.split(r"[:/.]", word)
    is_service = all(re.fullmatch(r"[a-z][a-z0-9-]*", part) for part in prefix)
    return tuple(filter(None, [name] if is_service else [*prefix, name]))


@dataclass(frozen=True, slots=True)
class Command:
    """A command line. ``readings`` are its possible meanings: a pasted log line, for instance, contains one."""

    typed: str
    readings: tuple[str, ...]

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        values = plain_values(values)
        text = normalize_except_long_dashes(_joined(values))
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


def _joined(values: Values) -> str:
    """Join words with blanks, and lines that a backslash continues as a shell does."""
    return re.sub(
        r"\\ ?\r?\n", "\\\n", " ".join(v + "\n" if v.endswith("\\") else v for v in values)
    )


def _readings(text: str) -> Iterable[str]:
    yield text
    if text.endswith(";") and not text.endswith("\\;"):
        yield from _readings(text[:-1].rstrip())
    if prompt := _PROMPT.match(text):
        yield text[prompt.end() :]
    for quote in "'\"`":
        if len(text) > 2 and text[0] == text[-1] == quote:
            yield text[1:-1]
    if logged := _LOGGED.match(text):
        yield unquote(logged["command"])
        yield unquote(_STATUS.sub("", logged["command"]))
    if _STATUS.search(text):
        yield unquote(_STATUS.sub("", text))
