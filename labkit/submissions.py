"""What attendees submit: answers and taken hints, as parameters in the seat's account."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from labkit.aws import Account, ClientError, error_code, explain_errors
from labkit.errors import UsageError
from labkit.grading import answers
from labkit.model import Answer, Workshop
from labkit.names import answers_path, hints_path

# Parameter Store user guide: a standard parameter holds 4 KB, and "{{" is refused in values.
_MOST_BYTES = 4096
_FORBIDDEN = "{{"
# Parameter Store user guide, "Working with parameter versions": the latest 100 are kept.
_KEPT_VERSIONS = 100
_MOST_NAMES = 10


def submit(
    account: Account, workshop: Workshop, seat: str, task: str, values: Iterable[str]
) -> int:
    """Submit an answer and return the number of the attempt. Raises ``UsageError`` if AWS can't store the answer."""
    text = answers.store(values)
    size = len(text.encode())
    if size > _MOST_BYTES:
        raise UsageError(
            f"The answer has {size} bytes, but Parameter Store accepts at most {_MOST_BYTES}.",
            "Submit only the value.",
        )
    if _FORBIDDEN in text:
        raise UsageError(
            "Parameter Store doesn't accept answers that contain '{{'.",
            "Leave that part out.",
        )
    name = f"{answers_path(workshop, seat)}/{task}"
    with explain_errors(f"submitting {task}"):
        try:
            stored = account.client("ssm").put_parameter(
                Name=name, Value=text, Type="String", Overwrite=True
            )
        except ClientError as error:
            if error_code(error) != "HierarchyTypeMismatchException":
                raise
            raise UsageError(
                f"{name} isn't a parameter of type String, and AWS can't change its type.",
                f"Ask your instructor to run: aws ssm delete-parameter --name {name}",
            ) from error
    return int(stored["Version"])


def read_answers(
    account: Account, workshop: Workshop, seat: str, tasks: Iterable[str] | None = None
) -> tuple[Answer, ...]:
    """Return a seat's answers to these tasks; to all, if there are no ``tasks``.

    To judge, name the tasks: attendees can store any number of other parameters.
    """
    path = answers_path(workshop, seat)
    found = answers.parse_all(_named(account, path, tasks))
    return tuple(_with_history(account, f"{path}/{answer.task}", answer) for answer in found)


def _with_history(account: Account, name: str, answer: Answer) -> Answer:
    """Add what an answer has replaced. Parameter Store keeps it."""
    if answer.attempts == 1:
        return answer
    return answers.with_history(answer, _history(account, name))


def read_hints(
    account: Account, workshop: Workshop, seat: str, tasks: Iterable[str] | None = None
) -> dict[str, int]:
    """Return how many hints the seat has taken for each of these tasks, or for each task.

    Each hint adds a version to a parameter that counts up from 1. If version and value disagree, someone has
    overwritten the count, and the highest number in its history counts.
    """
    taken = {}
    for parameter in _named(account, hints_path(workshop, seat), tasks):
        number, version = _number(parameter["Value"]), int(parameter["Version"])
        if number != version:
            number = _most(account, parameter["Name"], version)
        taken[parameter["Name"].rpartition("/")[2]] = number
    return taken


def _number(value: str) -> int:
    return int(value) if re.fullmatch("[0-9]{1,3}", value) else 0


def _most(account: Account, name: str, version: int) -> int:
    """Return the highest count in a parameter's history, or the number of versions if the history is incomplete."""
    if version > _KEPT_VERSIONS:
        return version
    return max(_number(found["Value"]) for found in _history(account, name))


def _history(account: Account, name: str) -> list[dict[str, Any]]:
    """Return the versions of a parameter."""
    with explain_errors(f"reading the history of {name}"):
        pages = account.client("ssm").get_paginator("get_parameter_history").paginate(Name=name)
        return [found for page in pages for found in page["Parameters"]]


def take_hint(account: Account, workshop: Workshop, seat: str, task: str, number: int) -> None:
    """Record that the seat has taken ``number`` hints of a task."""
    with explain_errors(f"recording a hint for {task}"):
        account.client("ssm").put_parameter(
            Name=f"{hints_path(workshop, seat)}/{task}",
            Value=str(number),
            Type="String",
            Overwrite=True,
        )


def _named(account: Account, path: str, tasks: Iterable[str] | None) -> list[dict[str, Any]]:
    """Return the parameters of these tasks (Systems Manager API reference, GetParameters: at most 10 names)."""
    found: list[dict[str, Any]] = []
    with explain_errors(f"reading {path}"):
        if tasks is None:
            pages = account.client("ssm").get_paginator("get_parameters_by_path")
            return [one for page in pages.paginate(Path=path) for one in page["Parameters"]]
        for names in _batches([f"{path}/{task}" for task in tasks]):
            found += account.client("ssm").get_parameters(Names=list(names))["Parameters"]
    return found


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _MOST_NAMES):
        yield names[start : start + _MOST_NAMES]
