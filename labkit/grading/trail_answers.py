"""Answer types for values from CloudTrail's records; attendees can also paste a record or a row of a command.

Every reading comes from the whole answer: what isn't a value must be something that usually stands next to one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Self

from labkit.grading.outcomes import Wrong
from labkit.grading.pasted import Pasted, is_context, plain_values, read_pasted
from labkit.grading.types import Address, Names, Text, Values, read_address, split_prefix
from labkit.model import ApiEvent

# CloudTrail user guide, "CloudTrail userIdentity element": arn and principalId of an assumed role.
_IDENTITY = re.compile(
    r"(?:arn:[^:]*:sts::\d{12}:assumed-role/(?P<role>[^/]+)/|ARO[A-Z0-9]{13,}:)(?P<session>[^/:]+)",
    re.IGNORECASE,
)
# IAM API reference, RoleSessionName and RoleName: neither contains a slash.
_IN_ROLE = re.compile(r"(?P<role>[\w+=,.@-]+)/(?P<session>[\w+=,.@-]+)")
_EVENT_NAME = re.compile(r"[A-Z][a-z0-9]+(?:[A-Z]\w*)+")


class Session(Text):
    """The name of a role's session, or an ARN, principal ID, record, or row that contains it."""

    __slots__ = ("role",)

    role: str
    """The name of the role, if the answer contains it."""

    def __new__(cls, name: str, role: str = "") -> Self:
        session = super().__new__(cls, name)
        session.role = role
        return session

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        pasted = read_pasted(values)
        found = cls.found_in(pasted)
        if len(found) > 1:
            raise Wrong("Your answer contains more than one session. Give only one.")
        if found and (pasted.documents or pasted.rows or len(pasted.words) > 1):
            return found.pop()
        text = Text.from_typed(plain_values(values))
        return cls._of(text)

    @classmethod
    def found_in(cls, pasted: Pasted) -> set[Self]:
        """The sessions in what was pasted; other words count as one name."""
        identities = [
            *pasted.values("arn"),
            *(word for word in pasted.words if _names_session(word)),
        ]
        found = {cls._of(text) for text in identities if _names_session(text)}
        if not found:
            found |= {
                cls._of(text) for text in pasted.values("principalid") if _names_session(text)
            }
        found |= {cls(user) for _, user in pasted.rows}
        rest = [w for w in pasted.unexplained if not _names_session(w) and read_address(w) is None]
        if found or pasted.documents:
            rest = [word for word in rest if not _EVENT_NAME.fullmatch(word)]
        return found | ({cls._of(" ".join(rest))} if rest else set())

    @classmethod
    def _of(cls, text: str) -> Self:
        named = _IDENTITY.fullmatch(text) or _IN_ROLE.fullmatch(text)
        return cls(named["session"], named["role"] or "") if named else cls(text)

    def made(self, event: ApiEvent) -> bool:
        """Whether this session made a call. If the answer names the role as well, the role must be right, too."""
        if not self.same_as(event.user or ""):
            return False
        arn = str((event.record.get("userIdentity") or {}).get("arn", ""))
        identity = _IDENTITY.fullmatch(arn)
        return not self.role or identity is None or _same(identity["role"], self.role)


def _names_session(text: str) -> bool:
    return _IDENTITY.fullmatch(text) is not None


def _same(one: str | None, other: str) -> bool:
    return (one or "").casefold() == other.casefold()


class CallerAddress(Address):
    """The address that a call came from."""

    __slots__ = ()


class CallNames(Names):
    """Names of API calls: event names, IAM actions, names in the AWS CLI's or boto3's spelling, records, or rows."""

    __slots__ = ()

    @classmethod
    def from_typed(cls, values: Values) -> Self:
        pasted = read_pasted(values)
        words = [word.strip(".") for word in pasted.words]
        names = [*pasted.values("eventname"), *(name for name, _ in pasted.rows)]
        for word in words:
            if not is_context(word) and read_address(word) is None:
                names.extend(name for name in split_prefix(word) if not is_context(name))
        if not names and (words or pasted.documents):
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
