"""What a sweep takes: whatever has expired according to its stack, whatever older tags say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from labkit.deploy.expiry import format_time
from labkit.deploy.stacks import Stack
from labkit.teardown.resources import Owner, Resource
from labkit.teardown.scope import Scope

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
BEFORE, AFTER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


def stack(name: str, parameter: datetime | None, tag: datetime, seat: str | None = None) -> Stack:
    tags = {"labkit:workshop": "day", "labkit:expires": format_time(tag)}
    parameters = {} if parameter is None else {"Expires": format_time(parameter)}
    return Stack(
        f"labkit-day-{name}", "arn", "CREATE_COMPLETE", "", {}, parameters,
        tags | ({"labkit:seat": seat} if seat else {}),
    )  # fmt: skip


def group(expires: datetime) -> Resource:
    """A log group of the seat that no stack contains, with its own tag."""
    return Resource("log group", "i-1-commands-log", Owner("day", "ada"), "tag", expires=expires)


@pytest.mark.parametrize(
    ("parameter", "tag", "taken"),
    [(AFTER, BEFORE, False), (BEFORE, AFTER, True), (None, BEFORE, True), (None, AFTER, False)],
)
def test_the_stack_decides(parameter: datetime | None, tag: datetime, *, taken: bool) -> None:
    lab = stack("seat-ada", parameter, tag, "ada")
    scope = Scope(expired_at=NOW).in_account([lab])
    assert scope.covers(group(BEFORE)) is taken
    assert scope.covers(group(AFTER)) is taken


@pytest.mark.parametrize(("tag", "taken"), [(BEFORE, True), (AFTER, False)])
def test_without_a_stack_the_tag_decides(tag: datetime, *, taken: bool) -> None:
    assert Scope(expired_at=NOW).in_account([]).covers(group(tag)) is taken


def test_a_detector_that_others_still_need_does_not_keep_the_evidence() -> None:
    """Another workshop extends the detector's time to live, but not the evidence stack's."""
    stacks = [stack("evidence", BEFORE, BEFORE), stack("detector", AFTER, AFTER)]
    for order in (stacks, stacks[::-1]):
        scope = Scope(expired_at=NOW).in_account(order)
        bucket = Resource("bucket", "b", Owner("day"), "stack", stack="labkit-day-evidence")
        assert scope.covers(bucket)
