"""Parameters: answers, hints, and runs."""

from __future__ import annotations

from collections.abc import Iterator

from labkit.aws import explain_errors
from labkit.names import seat_path
from labkit.teardown.scope import Resource, Scope

_BATCH = 10  # DeleteParameters takes at most ten names (Systems Manager API reference)


def find(scope: Scope) -> list[Resource]:
    """Every parameter below the seats' paths."""
    return [Resource("parameter", name, seat) for seat, name in _names(scope)]


def remove(scope: Scope) -> None:
    """Delete them all."""
    names = [name for _, name in _names(scope)]
    ssm = scope.account.client("ssm")
    with explain_errors("deleting answers and runs"):
        for start in range(0, len(names), _BATCH):
            ssm.delete_parameters(Names=names[start : start + _BATCH])


def _names(scope: Scope) -> Iterator[tuple[str, str]]:
    """Seat and name of each parameter."""
    pages = scope.account.client("ssm").get_paginator("get_parameters_by_path")
    for seat in scope.seats:
        for page in pages.paginate(Path=seat_path(scope.workshop, seat), Recursive=True):
            yield from ((seat, parameter["Name"]) for parameter in page["Parameters"])
