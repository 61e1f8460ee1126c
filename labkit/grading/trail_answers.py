"""Answer types for values from CloudTrail's records; attendees can also paste a whole record.

A pasted record can be JSON from event history, JSON within JSON (``lookup-events``), a CSV row with doubled quotation
marks, or a structure as Athena prints it (``{accesskeyid=ASIA…}``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Self

from labkit.grading.normalize import normalize_text
from labkit.grading.outcomes import Wrong
from labkit.grading.types import Address, Names, Text, Values

_NOISE = re.compile(
    r"arn:.*|\S*\.amazonaws\.com|(?:Client\.)?(?:AccessDenied\w*|UnauthorizedOperation|AuthorizationError)|\d\S*|and|\W+",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s,;|\[\]]+")
_AROUND = " \t\r\n'\"`<>(){},;"
# CloudTrail user guide, "CloudTrail userIdentity element": arn and principalId of an assumed role.
_IN_IDENTITY = re.compile(
    r"(?:arn:[^:]*:sts::\d{12}:assumed-role/[^/]+/|ARO[A-Z0-9]{13,}:)(?P<session>.+)", re.IGNORECASE
)


def fields(text: str, *names: str) -> list[str]:
    """The values of these fields anywhere in a pasted record; none if the text isn't a record."""
    quoted = r'[\\"]+(?P<quoted>[^"\\]+)'
    pattern = (
        rf'(?<!\w)[\\"]*(?:{"|".join(names)})[\\"]*\s*[:=]\s*(?:{quoted}|(?P<bare>[^\s,}}"\\]+))'
    )
    found = re.finditer(pattern, text, re.IGNORECASE)
    return [match["quoted"] or match["bare"] for match in found]


class Session(Text):
    """The name of a role's session, or an ARN or principal ID that ends in it."""

    __slots__ = ()

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        text = super().from_typed(values)
        named = _IN_IDENTITY.fullmatch(text)
        return cls(named["session"]) if named else text


class CallerAddress(Address):
    """The address that a call came from."""

    __slots__ = ()

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        found = fields(normalize_text(" ".join(values)), "sourceIPAddress", "ipAddressV[46]")
        return super().from_typed(tuple(found) or values)


class CallNames(Names):
    """Names of API calls: event names, IAM actions, names in the AWS CLI's or boto3's spelling, or table rows."""

    __slots__ = ()

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        text = normalize_text(" ".join(values))
        given = fields(text, "eventName") or _BETWEEN.split(text)
        kept = [word for word in (part.strip(_AROUND + ".") for part in given) if word]
        names = [word.rpartition(".")[2] for word in kept if not _NOISE.fullmatch(word)]
        if kept and not names:
            raise Wrong("That isn't the name of an API call. One looks like CreateVolume.")
        return super().from_typed(tuple(names))

    def missing(self, expected: Iterable[str]) -> tuple[str, ...]:
        have = {_squeezed(name) for name in self}
        return tuple(name for name in expected if _squeezed(name) not in have)

    def beyond(self, accepted: Iterable[str]) -> tuple[str, ...]:
        known = {_squeezed(name) for name in accepted}
        return tuple(name for name in self if _squeezed(name) not in known)

    def among(self, known: Iterable[str]) -> tuple[str, ...]:
        """Return the names that are in ``known``."""
        others = set(self.beyond(known))
        return tuple(name for name in self if name not in others)


def _squeezed(name: str) -> str:
    return re.sub(r"[-_]", "", name).casefold()
