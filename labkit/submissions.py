"""What attendees hand in: answers and hints taken, as parameters in the seat's account."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from labkit.aws import Account, ClientError, error_code, explained
from labkit.errors import UsageError
from labkit.grading import answers
from labkit.model import Answer, Workshop
from labkit.names import answers_path, hints_path

# Parameter Store user guide: a standard parameter holds 4 KB, and "{{" is refused in values.
_MOST_BYTES = 4096
_FORBIDDEN = "{{"


def submit(
    account: Account, workshop: Workshop, seat: str, task: str, values: Iterable[str]
) -> int:
    """Hand in an answer; returns which attempt it was. Raises ``UsageError`` for what AWS cannot store."""
    text = answers.store(values)
    size = len(text.encode())
    if size > _MOST_BYTES:
        raise UsageError(
            f"The answer has {size} bytes, {_MOST_BYTES} can be stored.",
            "Answer with the value only.",
        )
    if _FORBIDDEN in text:
        raise UsageError(
            "An answer with '{{' cannot be stored (Parameter Store refuses it).",
            "Leave that part out.",
        )
    with explained(f"handing in {task}"):
        stored = account.client("ssm").put_parameter(
            Name=f"{answers_path(workshop, seat)}/{task}", Value=text, Type="String", Overwrite=True
        )
    return int(stored["Version"])


def read_answers(account: Account, workshop: Workshop, seat: str) -> tuple[Answer, ...]:
    """All answers of a seat."""
    return answers.parse_all(_below(account, answers_path(workshop, seat)))


def read_hints(account: Account, workshop: Workshop, seat: str) -> dict[str, int]:
    """How many hints were taken for each task."""
    taken = {}
    for parameter in _below(account, hints_path(workshop, seat)):
        value = parameter["Value"]
        if value.isdigit():
            taken[parameter["Name"].rpartition("/")[2]] = int(value)
    return taken


def take_hint(account: Account, workshop: Workshop, seat: str, task: str, number: int) -> None:
    """Write down that ``number`` hints of a task have been taken."""
    with explained(f"noting a hint for {task}"):
        account.client("ssm").put_parameter(
            Name=f"{hints_path(workshop, seat)}/{task}",
            Value=str(number),
            Type="String",
            Overwrite=True,
        )


def _below(account: Account, path: str) -> list[dict[str, Any]]:
    with explained(f"reading {path}"):
        try:
            pages = account.client("ssm").get_paginator("get_parameters_by_path")
            return [found for page in pages.paginate(Path=path) for found in page["Parameters"]]
        except ClientError as error:
            if error_code(error) == "ParameterNotFound":
                return []
            raise
