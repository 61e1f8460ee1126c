"""Policy documents, parsed and compiled once per text.

Source: IAM user guide, "IAM JSON policy element reference", "Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import Any

from .conditions import Condition, UnknownOperatorError, compile_condition
from .patterns import Actions, Context, Pattern
from .principals import Principals, read_principals

_VERSIONS = ("2008-10-17", "2012-10-17")
_TOP = {"Version", "Id", "Statement"}
_ELEMENTS = {
    "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal",
    "Condition",
}  # fmt: skip
_ACTION = re.compile(r"\*|[\w*?-]+:[\w*?]+")


class PolicyError(ValueError):
    """A document that isn't a valid policy; the message says why."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled statement."""

    denies: bool
    actions: Actions
    excepts_actions: bool
    resources: tuple[Pattern, ...]
    """Empty if the document has no ``Resource`` (trust policies): any resource matches."""
    excepts_resources: bool
    principals: Principals | None
    excepts_principals: bool
    conditions: tuple[Condition, ...]

    def covers(self, action: str, resource: str, context: Context) -> bool:
        """Whether the statement applies to this request, regardless of the caller (action in lowercase)."""
        if (action in self.actions) == self.excepts_actions:
            return False
        if self.resources:
            named = any(pattern.matches(resource, context) for pattern in self.resources)
            if named == self.excepts_resources:
                return False
        return all(condition.holds(context) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy. Denials are separate because they're evaluated first."""

    denials: tuple[Statement, ...]
    allowances: tuple[Statement, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        return self.denials + self.allowances

    def denies(self, action: str, resource: str, context: Context) -> bool:
        return any(s.covers(action, resource, context) for s in self.denials)

    def allows(self, action: str, resource: str, context: Context) -> bool:
        return any(s.covers(action, resource, context) for s in self.allowances)


@functools.lru_cache(maxsize=4096)
def compile_policy(text: str) -> Policy:
    """Parse and compile a document; raises ``PolicyError``."""
    try:
        document = json.loads(text, object_pairs_hook=_no_doubles)
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"The policy isn't valid JSON: {error}") from error
    if not isinstance(document, dict):
        raise PolicyError("The policy isn't a JSON object.")
    _known(document, _TOP)
    version = document.get("Version", _VERSIONS[0])
    if version not in _VERSIONS:
        raise PolicyError(f"The policy has an unknown version, {version!r}.")
    if "Id" in document and not isinstance(document["Id"], str):
        raise PolicyError("Id isn't a string.")
    if "Statement" not in document:
        raise PolicyError("The policy has no statement.")
    found = document["Statement"]
    statements = found if isinstance(found, list) else [found]
    if not statements:
        raise PolicyError("The policy has no statement.")
    compiled = [_statement(s, variables=version == _VERSIONS[1]) for s in statements]
    sids = [s["Sid"] for s in statements if s.get("Sid")]
    if len(sids) != len(set(sids)):
        raise PolicyError("Statement IDs (SID) in a single policy must be unique.")
    return Policy(
        tuple(s for s in compiled if s.denies), tuple(s for s in compiled if not s.denies)
    )


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key appears twice")
    return found


def _known(found: dict[str, Any], elements: set[str]) -> None:
    for name in found:
        if name not in elements:
            raise PolicyError(f"The policy has an unknown element, {name!r}.")


def _statement(statement: Any, *, variables: bool) -> Statement:
    if not isinstance(statement, dict):
        raise PolicyError("A statement isn't a JSON object.")
    _known(statement, _ELEMENTS)
    effect = statement.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError(f"The effect {effect!r} is neither Allow nor Deny.")
    if not isinstance(statement.get("Sid", ""), str):
        raise PolicyError("Sid isn't a string.")
    actions, excepts_actions = _one_of(statement, "Action", "NotAction")
    if actions is None:
        raise PolicyError("Policy statement must contain actions.")
    for action in actions:
        if _ACTION.fullmatch(action) is None:
            raise PolicyError(f"The action {action!r} isn't of the form SERVICE:NAME.")
    resources, excepts_resources = _one_of(statement, "Resource", "NotResource")
    principals, excepts_principals = _principals(statement)
    return Statement(
        effect == "Deny",
        Actions(actions),
        excepts_actions,
        tuple(Pattern(text, variables=variables) for text in resources or ()),
        excepts_resources,
        principals,
        excepts_principals,
        _conditions(statement.get("Condition", {}), variables=variables),
    )


def _one_of(statement: dict[str, Any], name: str, opposite: str) -> tuple[list[str] | None, bool]:
    if name in statement and opposite in statement:
        raise PolicyError(f"A statement has both {name} and {opposite}.")
    excepts = opposite in statement
    key = opposite if excepts else name
    if key not in statement:
        return None, False
    values = _texts(statement[key], key)
    if not values:
        raise PolicyError(f"{key} is empty.")
    return values, excepts


def _texts(value: Any, name: str) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in values):
        raise PolicyError(f"{name} contains a value that isn't a string.")
    return values


def _principals(statement: dict[str, Any]) -> tuple[Principals | None, bool]:
    if "Principal" in statement and "NotPrincipal" in statement:
        raise PolicyError("A statement has both Principal and NotPrincipal.")
    for key in ("Principal", "NotPrincipal"):
        if key in statement:
            try:
                return read_principals(statement[key]), key == "NotPrincipal"
            except ValueError as error:
                raise PolicyError(str(error)) from error
    return None, False


def _conditions(block: Any, *, variables: bool) -> tuple[Condition, ...]:
    if not isinstance(block, dict):
        raise PolicyError("Condition isn't a JSON object.")
    found = []
    for operator, keys in block.items():
        if not isinstance(keys, dict):
            raise PolicyError(f"The condition {operator!r} isn't a JSON object.")
        for key, value in keys.items():
            try:
                found.append(
                    compile_condition(operator, key, _values(value, key), variables=variables)
                )
            except UnknownOperatorError as error:
                raise PolicyError(f"Unknown condition operator: {operator!r}.") from error
    return tuple(found)


def _values(value: Any, key: str) -> list[str]:
    values = value if isinstance(value, list) else [value]
    texts = []
    for item in values:
        if isinstance(item, bool):
            texts.append("true" if item else "false")
        elif isinstance(item, (str, int, float)):
            texts.append(str(item))
        else:
            raise PolicyError(f"The condition key {key!r} has a value that isn't a string.")
    return texts
