"""Deriving a seat's runs from its event history."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from labkit.evidence.runs import from_history

SERVER, OTHER = "i-0123456789abcdef0", "i-0fedcba9876543210"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class History:
    """What ``lookup_events`` returns for some calls, by event name."""

    def __init__(self, *calls: tuple[str, datetime, str]) -> None:
        self._calls = calls

    def lookup_events(self, *, LookupAttributes: Any, **_: Any) -> Any:  # noqa: N803 - boto3's
        wanted = LookupAttributes[0]["AttributeValue"]
        return {
            "Events": [
                {
                    "EventTime": time,
                    "EventName": name,
                    "CloudTrailEvent": json.dumps({"requestParameters": {"instanceId": server}}),
                }
                for name, time, server in self._calls
                if name == wanted
            ]
        }


def runs(*calls: tuple[str, datetime, str]) -> list[tuple[datetime, datetime, str]]:
    found = from_history(History(*calls), [SERVER], NOON - timedelta(days=90), NOON)
    return [(run.started_at, run.finished_at, run.via) for run in found]


def test_a_run_goes_from_the_way_in_to_the_end_of_the_second_of_the_stop() -> None:
    stop = NOON + timedelta(seconds=40)
    found = runs(("SendSSHPublicKey", NOON, SERVER), ("StopInstances", stop, SERVER))
    assert found == [(NOON, stop + timedelta(seconds=1), "ssh")]


def test_a_run_within_one_second_has_an_end_behind_its_start() -> None:
    ((started, finished, _),) = runs(("SendCommand", NOON, SERVER), ("StopInstances", NOON, SERVER))
    assert started < finished


def test_a_stop_of_another_server_or_before_the_way_in_ends_no_run() -> None:
    early = ("StopInstances", NOON - timedelta(minutes=1), SERVER)
    foreign = ("StopInstances", NOON + timedelta(minutes=1), OTHER)
    assert runs(("SendSSHPublicKey", NOON, SERVER), early, foreign) == []
