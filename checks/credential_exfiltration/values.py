"""What answers of this scenario can be: each is also read out of a record that was pasted whole.

Records are pasted as JSON from event history, as JSON within JSON (``lookup-events``), with doubled quotes from
a CSV file, or as Athena prints a structure (``{accesskeyid=ASIA…}``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs, unquote, unquote_plus, urlsplit

from labkit import Address, Names, Wrong
from labkit.grading.folding import fold
from labkit.grading.types import Values

_KEY_ID = re.compile(r"(?<![0-9a-z])A[KS]IA[0-9A-Z]{12,124}(?![0-9a-z])", re.IGNORECASE)
_ROLE_ID = re.compile(r"(?<![0-9a-z])A(?:RO|ID)A[0-9A-Z]{12,}", re.IGNORECASE)
_NOISE = re.compile(
    r"arn:.*|\S*\.amazonaws\.com|(?:Client\.)?(?:AccessDenied\w*|UnauthorizedOperation|AuthorizationError)|\d\S*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s,;|\[\]]+")
_AROUND = " \t\r\n'\"`<>(){},;"
_BUCKET_HOST = re.compile(r"(?:(?P<bucket>.+)\.)?s3[.-](?:[a-z0-9.-]+\.)?amazonaws\.com(?:\.cn)?")


def fields(text: str, *names: str) -> list[str]:
    """The values that a pasted record has under these names, wherever they stand; none if it is no record."""
    quoted = r'[\\"]+(?P<quoted>[^"\\]+)'
    pattern = (
        rf'(?<!\w)[\\"]*(?:{"|".join(names)})[\\"]*\s*[:=]\s*(?:{quoted}|(?P<bare>[^\s,}}"\\]+))'
    )
    found = re.finditer(pattern, text, re.IGNORECASE)
    return [match["quoted"] or match["bare"] for match in found]


class AccessKeyId(str):
    """The id of an access key, in capitals."""

    __slots__ = ()

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        text = fold(" ".join(values))
        found = {match.upper() for match in _KEY_ID.findall(text)}
        if not found and _ROLE_ID.search(text):
            raise Wrong(
                "That is the id of a role or a user. The id of an access key begins with AKIA, or with ASIA if "
                "the key is temporary."
            )
        if not found:
            raise Wrong("That is no id of an access key: one begins with AKIA or ASIA.")
        if len(found) > 1:
            raise Wrong("There is more than one access key in the answer. Give the one asked for.")
        return cls(found.pop())


class CallerAddress(Address):
    """The address that a call came from."""

    __slots__ = ()

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        found = fields(fold(" ".join(values)), "sourceIPAddress", "ipAddressV[46]")
        return super().from_typed(tuple(found) or values)


class CallNames(Names):
    """Names of API calls: as events, as IAM actions, as the AWS CLI or boto3 spell them; rows of a table."""

    __slots__ = ()

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        text = fold(" ".join(values))
        given = fields(text, "eventName") or _BETWEEN.split(text)
        kept = [word for word in (part.strip(_AROUND + ".") for part in given) if word]
        names = [word.rpartition(".")[2] for word in kept if not _NOISE.fullmatch(word)]
        if kept and not names:
            raise Wrong("That is no name of an API call. One looks like CreateVolume.")
        return super().from_typed(tuple(names))

    def missing(self, expected: Iterable[str]) -> tuple[str, ...]:
        have = {_squeezed(name) for name in self}
        return tuple(name for name in expected if _squeezed(name) not in have)

    def beyond(self, accepted: Iterable[str]) -> tuple[str, ...]:
        known = {_squeezed(name) for name in accepted}
        return tuple(name for name in self if _squeezed(name) not in known)

    def among(self, known: Iterable[str]) -> tuple[str, ...]:
        """Which of them are in ``known``."""
        others = set(self.beyond(known))
        return tuple(name for name in self if name not in others)


def _squeezed(name: str) -> str:
    return re.sub(r"[-_]", "", name).casefold()


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """The key of an object. ``readings`` are what may be meant: a key, or bucket and key with a slash between."""

    readings: tuple[str, ...]

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        text = fold(" ".join(values)).strip(_AROUND)
        if not text:
            raise Wrong("The answer is empty.")
        words = [word.strip(_AROUND) for word in text.split()]
        named = fields(text, "key") or [word for word in words if "/" in word]
        if len(_different(map(_in_bucket, named))) > 1:
            raise Wrong("There is more than one object in the answer. Give the one asked for.")
        found = dict.fromkeys(
            reading
            for candidate in (text, *named, *words)
            for form in (candidate, _in_bucket(candidate))
            for reading in (form, unquote(form), unquote_plus(form))
        )
        return cls(tuple(reading.lstrip("/") for reading in found))

    def is_key(self, key: str, bucket: str) -> bool:
        """Whether it names this object, capitals aside."""
        wanted = {key.casefold(), f"{bucket}/{key}".casefold()}
        return any(reading.casefold() in wanted for reading in self.readings)

    def ends(self, key: str) -> bool:
        """Whether it is only the end of this key, behind a slash."""
        ends = [f"/{reading}".casefold() for reading in self.readings if reading]
        return any(f"/{key}".casefold().endswith(end) for end in ends)

    def is_text(self, text: str) -> bool:
        """Whether it is nothing but this text."""
        return any(reading.strip("/").casefold() == text.casefold() for reading in self.readings)


def _in_bucket(word: str) -> str:
    """``bucket/key`` out of an S3 URI, an ARN or a web address of S3; any other word as it is."""
    if word.casefold().startswith("s3://"):
        return word[len("s3://") :]
    if word.casefold().startswith("arn:"):
        return word.rpartition(":::")[2]
    if "://" not in word:
        return word
    parts = urlsplit(word)
    path, query = parts.path.lstrip("/"), parse_qs(parts.query)
    if "prefix" in query:  # a page of the S3 console
        return f"{path.rpartition('/')[2]}/{query['prefix'][0]}"
    host = _BUCKET_HOST.fullmatch(parts.hostname or "")
    return f"{host['bucket']}/{path}" if host and host["bucket"] else path


def _different(names: Iterable[str]) -> set[str]:
    """The names, of those that differ by a bucket in front the longer one alone."""
    folded = {unquote(name).strip("/").casefold() for name in names}
    return {one for one in folded if not any(other.endswith(f"/{one}") for other in folded)}
