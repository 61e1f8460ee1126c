"""When schedules run, by the examples of the EventBridge Scheduler user guide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

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
    ("text", "expected"),
    [
        ("cron(15 10 ? * 6L 2026-2027)", ["2026-03-27 10:15", "2026-04-24 10:15"]),
        ("cron(0 8 1 * ? *)", ["2026-04-01 08:00", "2026-05-01 08:00"]),
        ("cron(1/10 9 * * ? *)", ["2026-03-02 09:31", "2026-03-02 09:41"]),
        ("cron(0 18 ? * MON-FRI *)", ["2026-03-02 18:00", "2026-03-03 18:00"]),
        ("cron(0 8 ? * 3#2 *)", ["2026-03-10 08:00", "2026-04-14 08:00"]),
        ("cron(0 0 L * ? *)", ["2026-03-31 00:00", "2026-04-30 00:00"]),
        ("cron(0 0 1W * ? *)", ["2026-04-01 00:00", "2026-05-01 00:00"]),
        ("cron(0 0 1W AUG ? *)", ["2026-08-03 00:00", "2027-08-02 00:00"]),
        ("cron(0 12 ? JAN,MAR 2 *)", ["2026-03-02 12:00", "2026-03-09 12:00"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("cron(0 0 1 1 ? 2025)", []),
    ],
)
def test_cron_finds_the_next_runs(text: str, expected: list[str]) -> None:
    assert runs(text, 2) == expected


def test_cron_skips_the_hour_that_spring_leaves_out_and_runs_once_in_autumn() -> None:
    spring = datetime(2026, 3, 8, 0, 0, tzinfo=UTC)
    text, zone = "cron(30 2 * * ? *)", "America/Los_Angeles"
    assert runs(text, 2, spring, zone) == ["2026-03-09 09:30", "2026-03-10 09:30"]
    autumn = datetime(2026, 11, 1, 7, 0, tzinfo=UTC)
    text = "cron(30 1 * * ? *)"
    assert runs(text, 2, autumn, zone) == ["2026-11-01 08:30", "2026-11-02 09:30"]
    second_time = datetime(2026, 11, 1, 9, 10, tzinfo=UTC)
    assert runs(text, 1, second_time, zone) == ["2026-11-02 09:30"]


@pytest.mark.parametrize(
    "text",
    [
        "rate(0 hours)", "rate(5 weeks)", "every hour", "at(2026-01-01)", "cron(* * * * * *)",
        "cron(60 * * * ? *)", "cron(0 0 ? * ? *)", "cron(0 0 1)", "cron(0 0 32 * ? *)",
        "cron(0 0 ? * 8 *)", "cron(a 0 1 * ? *)", "at(2026-13-01T00:00:00)",
    ],
)  # fmt: skip
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text, "UTC")


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="Nowhere"):
        parse("rate(1 hour)", "Nowhere/Land")
