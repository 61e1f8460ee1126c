"""Stored answers: SSM parameters with a JSON array of what the attendee typed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from labkit.model import Answer, Submission

# A file's byte order mark as the AWS CLI passes it on: up to three characters in the machine's own encoding (AWS CLI
# user guide, "Loading a parameter from a file in the AWS CLI").
_MARK = re.compile(r"^[^\x00-\x7f]{1,3}(?=\s*\[)")


# How many earlier answers to judge: an attendee can store any number.
_MOST_EARLIER = 10


def parse(parameter: Mapping[str, Any]) -> Answer:
    """Read an answer from a parameter of ``GetParametersByPath`` (``Name``, ``Type``, ``Value``, ``Version``).

    Anything but a plain String with a JSON array of strings results in a ``problem`` and no values. A SecureString
    might be encrypted with a key that the grader can't use.
    """
    submitted_at = parameter.get("LastModifiedDate")
    values, problem = _values(parameter)
    return Answer(
        task=str(parameter["Name"]).rpartition("/")[2],
        values=values,
        attempts=int(parameter.get("Version", 1)),
        submitted_at=submitted_at.astimezone(UTC) if submitted_at else None,
        problem=problem,
    )


def parse_all(parameters: Iterable[Mapping[str, Any]]) -> tuple[Answer, ...]:
    """All answers of a seat, by task."""
    return tuple(sorted((parse(p) for p in parameters), key=lambda answer: answer.task))


def with_history(answer: Answer, versions: Iterable[Mapping[str, Any]]) -> Answer:
    """Add the earlier versions of a parameter (``GetParameterHistory``) to an answer: each readable one, once."""
    found: dict[tuple[str, ...], Submission] = {}
    for version in sorted(map(parse, versions), key=lambda one: one.attempts):
        is_readable = version.problem is None and not is_empty(version)
        if is_readable and version.attempts < answer.attempts and version.values != answer.values:
            once = Submission(version.values, version.attempts, version.submitted_at)
            found.setdefault(version.values, once)
    return replace(answer, earlier=tuple(found.values())[-_MOST_EARLIER:])


def store(values: Iterable[str]) -> str:
    """The stored form of an answer."""
    return json.dumps(list(values), ensure_ascii=False)


def _values(parameter: Mapping[str, Any]) -> tuple[tuple[str, ...], str | None]:
    kind = parameter.get("Type", "String")
    if kind != "String":
        return (), f"its type is {kind}, not String"
    try:
        found = json.loads(_MARK.sub("", parameter["Value"]))
    except (ValueError, RecursionError):
        return (), "its value isn't a JSON array"
    if not isinstance(found, list) or not all(isinstance(v, str | int | float) for v in found):
        return (), "its value isn't a JSON array of strings"
    return tuple(_storable(str(value)) for value in found), None


def _storable(text: str) -> str:
    """Replace lone surrogates, which JSON allows but UTF-8 can't encode."""
    return text.encode("utf-8", "replace").decode()


def is_empty(answer: Answer) -> bool:
    """Whether the answer is empty or blank."""
    return not any(value.strip() for value in answer.values)
