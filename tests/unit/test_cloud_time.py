"""The time in the cloud, according to its responses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from labkit.aws.cloud_time import CloudTime

NOON = datetime(2026, 5, 4, 12, 0, 0, 700_000, tzinfo=UTC)


def heard(ahead: timedelta) -> CloudTime:
    clock = CloudTime(lambda: NOON)
    clock.observe(format_datetime(NOON + ahead, usegmt=True))
    return clock


@pytest.mark.parametrize("seconds", [-1, 0, 1, 2])
def test_what_whole_seconds_and_the_way_explain_is_no_difference(seconds: int) -> None:
    assert heard(timedelta(seconds=seconds)).now() == NOON


@pytest.mark.parametrize("minutes", [-90, -1, 1, 6000])
def test_a_wrong_clock_here_is_made_good_by_the_clouds(minutes: int) -> None:
    ahead = timedelta(minutes=minutes)
    assert abs(heard(ahead).now() - (NOON + ahead)) < timedelta(seconds=1)


def test_the_last_answer_counts_and_none_or_nonsense_does_not() -> None:
    clock = heard(timedelta(hours=1))
    clock.observe(None)
    clock.observe("yesterday or so")
    assert clock.now() > NOON + timedelta(minutes=59)
    clock.observe(format_datetime(NOON, usegmt=True))
    assert clock.now() == NOON
