"""The answer types that only this scenario has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs, unquote, unquote_plus, urlsplit

from labkit import Wrong
from labkit.grading.normalize import normalize_text
from labkit.grading.pasted import SERVICES, plain_values, read_field, read_pasted
from labkit.grading.types import Values, read_address

_KEY_ID = re.compile(r"(?<![0-9a-z])A[KS]IA[0-9A-Z]{12,124}(?![0-9a-z])", re.IGNORECASE)
_ROLE_ID = re.compile(r"(?<![0-9a-z])A(?:RO|ID)A[0-9A-Z]{12,}", re.IGNORECASE)
_AROUND = " \t\r\n'\"`<>(){},;"
_EVENT_NAME = re.compile(r"[A-Z][a-z0-9]+(?:[A-Z]\w*)+")
_LISTED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+\d+\s+(?P<key>\S.*)")
_LONGEST_HOST = 255
_BUCKET_HOST = re.compile(r"(?:(?P<bucket>.+)\.)?s3[.-](?:[a-z0-9.-]+\.)?amazonaws\.com(?:\.cn)?")


class AccessKeyId(str):
    """An access key ID, in uppercase."""

    __slots__ = ()

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        text = normalize_text(" ".join(values))
        found = {match.upper() for match in _KEY_ID.findall(text)}
        if not found and _ROLE_ID.search(text):
            raise Wrong(
                "That's the ID of a role or a user. An access key ID begins with AKIA, or with ASIA if the key is "
                "temporary."
            )
        if not found:
            raise Wrong("That isn't an access key ID. They begin with AKIA or ASIA.")
        if len(found) > 1:
            raise Wrong("Your answer contains more than one access key. Give only one.")
        return cls(found.pop())


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """The key of an object. Each of the ``readings`` is the whole answer: a key, or a bucket and a key with a slash."""

    readings: tuple[str, ...]

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        text = normalize_text("\n".join(plain_values(values))).strip(_AROUND)
        if not text:
            raise Wrong("Your answer is empty.")
        named = _in_records(values) or [_whole(text)]
        if len(_different(map(_in_bucket, named))) > 1:
            raise Wrong("Your answer contains more than one object. Give only one.")
        found = dict.fromkeys(
            reading
            for candidate in named
            for form in (candidate, _in_bucket(candidate))
            for reading in (form, unquote(form), unquote_plus(form))
        )
        return cls(tuple(reading.lstrip("/") for reading in found))

    def is_key(self, key: str, bucket: str) -> bool:
        """Whether it names this object, ignoring case."""
        wanted = {key.casefold(), f"{bucket}/{key}".casefold()}
        return any(reading.casefold() in wanted for reading in self.readings)

    def ends(self, key: str) -> bool:
        """Whether it's only the end of this key, after a slash."""
        ends = [f"/{reading}".casefold() for reading in self.readings if reading]
        return any(f"/{key}".casefold().endswith(end) for end in ends)

    def is_text(self, text: str) -> bool:
        """Whether it's exactly this text."""
        return any(reading.strip("/").casefold() == text.casefold() for reading in self.readings)


def _in_records(values: Values) -> list[str]:
    """The objects that pasted records name. Anything else in the answer must belong to a row of a query."""
    pasted = read_pasted(values)
    objects = [document for document in pasted.documents if document.get("key")]
    other_words = [
        word
        for word in pasted.unexplained
        if not (_EVENT_NAME.fullmatch(word) or read_address(word) or word in SERVICES)
    ]
    found = []
    for document in objects:
        bucket = document.get("bucketname")
        found.append(f"{bucket}/{document['key']}" if bucket else document["key"])
    return [*found, *other_words] if objects else []


def _whole(text: str) -> str:
    """The object that a text names as a whole: as it is, as a field of a record, or as a line of ``aws s3 ls``."""
    if field := read_field(text, "key"):
        return field
    if listed := _LISTED.fullmatch(text):
        return listed["key"]
    words = [word.strip(_AROUND) for word in text.split()]
    with_slash = {word for word in words if "/" in word}
    if len(with_slash) > 1:
        raise Wrong("Your answer contains more than one object. Give only one.")
    if len(words) == len(("bucket", "key")) and "/" not in words[0] and with_slash:
        return "/".join(words)
    return text


def _in_bucket(word: str) -> str:
    """Convert an S3 URI, ARN, or URL to ``bucket/key``; return any other word unchanged."""
    if word.casefold().startswith("s3://"):
        return word[len("s3://") :]
    if word.casefold().startswith("arn:"):
        return word.rpartition(":::")[2]
    if "://" not in word:
        return word
    try:
        parts = urlsplit(word)
    except ValueError:  # a bracket in the host
        return word
    path, query = parts.path.lstrip("/"), parse_qs(parts.query)
    if "prefix" in query:  # a page of the S3 console
        return f"{path.rpartition('/')[2]}/{query['prefix'][0]}"
    name = (parts.hostname or "")[:_LONGEST_HOST]
    host = _BUCKET_HOST.fullmatch(name)
    return f"{host['bucket']}/{path}" if host and host["bucket"] else path


def _different(names: Iterable[str]) -> set[str]:
    """The distinct names. If two differ only by a bucket in front, keep only the longer one."""
    folded = {unquote(name).strip("/").casefold() for name in names}
    return {one for one in folded if not any(other.endswith(f"/{one}") for other in folded)}
