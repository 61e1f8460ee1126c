"""The ``Principal`` element of a resource policy, and how specifically it names a caller.

Source: IAM user guide, "AWS JSON policy elements: Principal", "NotPrincipal", "Determining whether a request is
allowed or denied within an account" (what a grant by which kind of name is worth).
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Any

from .caller import Caller

_KINDS = {"AWS", "Service", "Federated", "CanonicalUser"}
_ACCOUNT = re.compile(r"(?:arn:aws:iam::)?(\d{12})(?::root)?")
_ARN = re.compile(r"arn:aws:(iam|sts)::\d{12}:(user|role|assumed-role|federated-user|root)(/.+)?")
_UNIQUE_ID = re.compile(r"A(?:IDA|ROA|GPA)[A-Z0-9]{10,}")


class Naming(enum.IntEnum):
    """How specifically a policy names a caller, which decides how much a grant is worth."""

    NOT = 0
    ACCOUNT = 1
    """Its account: the account's own policies decide."""
    ROLE = 2
    """Its role, or everybody: it needs no identity policy, but boundary and session policies still limit it."""
    DIRECT = 3
    """The caller itself (user, session, or service): only an explicit denial limits it."""


@dataclass(frozen=True, slots=True)
class Principals:
    """The principals of one statement."""

    everybody: bool
    arns: frozenset[str]
    """Users, roles, sessions, and unique IDs."""
    accounts: frozenset[str]
    services: frozenset[str]

    def naming(self, caller: Caller) -> Naming:
        """How specifically these principals name the caller."""
        if caller.kind == "AWSService":
            named = self.everybody or caller.arn in self.services
            return Naming.DIRECT if named else Naming.NOT
        if caller.arn in self.arns or caller.principal_id in self.arns:
            return Naming.DIRECT
        session = caller.session
        if session is not None and (role_arn(caller) in self.arns or session.role_id in self.arns):
            return Naming.ROLE
        if self.everybody:
            return Naming.ROLE if caller.kind == "AssumedRole" else Naming.DIRECT
        if caller.account in self.accounts:
            return Naming.DIRECT if caller.kind == "Root" else Naming.ACCOUNT
        return Naming.NOT

    def exempts(self, caller: Caller) -> bool:
        """Whether a denial with these principals in ``NotPrincipal`` spares the caller.

        The policy must name the account besides the user, and the role besides its session.
        """
        if self.everybody:
            return True
        if caller.kind == "AWSService":
            return caller.arn in self.services
        if caller.account not in self.accounts:
            return False
        if caller.kind == "Root":
            return True
        if caller.kind == "AssumedRole":
            return caller.arn in self.arns and role_arn(caller) in self.arns
        return caller.arn in self.arns


def role_arn(caller: Caller) -> str | None:
    """The ARN of a session's role, including its path."""
    session = caller.session
    if session is None:
        return None
    return f"arn:aws:iam::{session.account}:role{session.role_path}{session.role_name}"


def read_principals(element: Any) -> Principals:
    """Parse a ``Principal`` element; raises ``ValueError``."""
    if element == "*":
        return Principals(
            everybody=True, arns=frozenset(), accounts=frozenset(), services=frozenset()
        )
    if not isinstance(element, dict) or not element:
        raise ValueError("Principal must be * or a JSON object.")
    found: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for kind, value in element.items():
        if kind not in _KINDS:
            raise ValueError(f"Unknown kind of principal: {kind!r}.")
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(item, str) for item in values):
            raise ValueError(f"The principal {kind!r} contains a value that isn't a string.")
        found[kind] = values
    arns, accounts = set(), set()
    for name in found["AWS"]:
        if (account := _ACCOUNT.fullmatch(name)) is not None:
            accounts.add(account[1])
        elif name != "*":
            if not (_ARN.fullmatch(name) or _UNIQUE_ID.fullmatch(name)):
                raise ValueError(f'Invalid principal in policy: "AWS":"{name}"')
            arns.add(name)
    return Principals(
        "*" in found["AWS"], frozenset(arns), frozenset(accounts), frozenset(found["Service"])
    )
