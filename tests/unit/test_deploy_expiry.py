"""When stacks expire, and how long logs stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from labkit.deploy.expiry import (
    expiry_for,
    expiry_parameters,
    format_time,
    parse_time,
    retention_days,
)
from labkit.errors import UsageError
from labkit.model import Workshop

NOW = datetime(2026, 11, 24, 9, 30, 15, 700_000, tzinfo=UTC)
WORKSHOP = Workshop("day", "malicious_callout", "eu-west-1", timedelta(hours=8), ())


def test_the_time_to_live_counts_from_now() -> None:
    assert expiry_for(WORKSHOP, NOW) == datetime(2026, 11, 24, 17, 30, 15, tzinfo=UTC)


def test_days_ahead_it_counts_from_the_start() -> None:
    later = replace(WORKSHOP, starts=NOW + timedelta(days=3))
    assert expiry_for(later, NOW) == (NOW + timedelta(days=3, hours=8)).replace(microsecond=0)


def test_during_the_workshop_it_still_counts_from_the_start() -> None:
    begun = replace(WORKSHOP, starts=NOW - timedelta(hours=7))
    assert expiry_for(begun, NOW) == (NOW + timedelta(hours=1)).replace(microsecond=0)


def test_a_workshop_that_is_over_is_refused() -> None:
    over = replace(WORKSHOP, starts=NOW - timedelta(hours=8))
    with pytest.raises(UsageError) as refused:
        expiry_for(over, NOW)
    assert "2026-11-24T01:30:15Z" in refused.value.message
    assert "starts or ttl" in refused.value.hint


@pytest.mark.parametrize(
    ("hours", "days"), [(0, 1), (8, 3), (24, 3), (48, 3), (49, 5), (24 * 14, 30), (24 * 80, 60)]
)
def test_logs_stay_until_the_expiry_and_a_day_longer(hours: int, days: int) -> None:
    assert retention_days(NOW + timedelta(hours=hours), NOW) == days


def test_the_parameters_are_those_of_the_templates() -> None:
    expires = datetime(2026, 11, 24, 17, 30, tzinfo=timezone(timedelta(hours=1)))
    assert expiry_parameters(expires, NOW) == {
        "Expires": "2026-11-24T16:30:00Z",
        "RetentionDays": "3",
    }


def test_a_time_is_read_as_it_was_written() -> None:
    assert parse_time(format_time(NOW)) == NOW.replace(microsecond=0)
    assert parse_time("") is None
    assert parse_time("2026-11-24T16:30:00") is None  # without a zone, nobody knows when that is
