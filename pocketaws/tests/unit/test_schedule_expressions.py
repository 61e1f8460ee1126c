"""When schedules run, with the examples from the EventBridge Scheduler user guide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pocketaws.errors import AwsError
from pocketaws.scheduler.expressions import parse

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def runs(text: str, count: int, after: datetime = START, timezone: str = "UTC") -> list[str]:
    expression = parse(text, timezone)
    found: list[str] = []
    moment = after
    for _ in range(count):
        run = expression.next_run(after, moment)
        if run is None:
            break
        found.append(run.strftime("%Y-%m-%d %H:%M"))
        moment = run + timedelta(microseconds=1)
    return found


def test_a_rate_begins_at_its_start() -> None:
    expected = ["2026-03-02 09:30", "2026-03-02 11:30", "2026-03-02 13:30"]
    assert runs("rate(2 hours)", 3) == expected
    assert parse("rate(1 hour)", "UTC").next_run(START, START - timedelta(days=1)) == START
    assert parse("rate(5 minutes)", "UTC").next_run(
        START, START + timedelta(minutes=12)
    ) == START + timedelta(minutes=15)


def test_at_runs_once_in_its_time_zone() -> None:
    text = "at(2026-11-20T13:00:00)"
    assert runs(text, 2, timezone="America/Los_Angeles") == ["2026-11-20 21:00"]
    assert parse(text, "UTC").once
    assert runs("at(2020-01-01T00:00:00)", 1) == []


@pytest.mark.parametrize(
    "text",
    [
        "rate(0 hours)", "rate(5 weeks)", "every hour", "at(2026-01-01)",
        "at(2026-13-01T00:00:00)", "cron",
    ],
)  # fmt: skip
def test_an_invalid_expression_is_rejected(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text, "UTC")


def test_cron_is_refused_by_name() -> None:
    with pytest.raises(AwsError, match="but not cron expressions") as refused:
        parse("cron(15 10 ? * 6L 2026-2027)", "UTC")
    assert refused.value.code == "NotImplemented"


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="Nowhere"):
        parse("rate(1 hour)", "Nowhere/Land")
