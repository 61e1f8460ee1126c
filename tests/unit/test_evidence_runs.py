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


OPERATOR = "arn:aws:iam::210000000001:role/labkit-day-ada-operator"
STAFF = "arn:aws:iam::210000000001:role/admin"


def event(
    name: str, seconds: int, role: str = OPERATOR, server: str = SERVER, **more: Any
) -> dict[str, Any]:
    record = {
        "requestParameters": {"instanceId": server},
        "userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"arn": role}}},
        **more,
    }
    time = NOON + timedelta(seconds=seconds)
    return {"EventTime": time, "EventName": name, "CloudTrailEvent": json.dumps(record)}


class Records:
    """What ``lookup_events`` returns for some records, by event name, newest first."""

    def __init__(self, *events: dict[str, Any]) -> None:
        self._events = sorted(events, key=lambda one: one["EventTime"], reverse=True)

    def lookup_events(self, *, LookupAttributes: Any, **_: Any) -> Any:  # noqa: N803 - boto3's
        wanted = LookupAttributes[0]["AttributeValue"]
        return {"Events": [one for one in self._events if one["EventName"] == wanted]}


def found(*events: dict[str, Any], role: str | None = OPERATOR) -> list[tuple[int, int, str]]:
    runs = from_history(
        Records(*events), [SERVER, OTHER], NOON - timedelta(days=90), NOON + timedelta(days=1), role
    )
    assert [run.number for run in runs] == list(range(1, len(runs) + 1))
    return [
        (int((run.started_at - NOON).total_seconds()), int((run.finished_at - NOON).total_seconds()), run.via)
        for run in runs
    ]  # fmt: skip


KEY, COMMAND, STOP = "SendSSHPublicKey", "SendCommand", "StopInstances"


def test_a_stop_belongs_to_the_latest_access_before_it() -> None:
    pushes = (event(KEY, 0), event(KEY, 100), event(STOP, 140))
    assert found(*pushes, role=None) == [(100, 141, "ssh")]
    assert found(*pushes) == [(100, 141, "ssh")]
    later = (event(KEY, 200, server=OTHER), event(STOP, 240, server=OTHER))
    assert found(*pushes, *later) == [(100, 141, "ssh"), (200, 241, "ssh")]


def test_two_stops_after_one_access_are_one_run() -> None:
    assert found(event(KEY, 0), event(STOP, 40), event(STOP, 80), role=None) == [(0, 41, "ssh")]


def test_a_refused_access_and_a_refused_stop_make_no_run() -> None:
    refused = {"errorCode": "AccessDenied"}
    assert found(event(KEY, 0, **refused), event(STOP, 40)) == []
    assert found(event(KEY, 0), event(KEY, 20, **refused), event(STOP, 40)) == [(0, 41, "ssh")]
    assert found(event(KEY, 0), event(STOP, 40, **refused), role=None) == []


def test_an_access_by_someone_else_changes_nothing() -> None:
    run = (event(KEY, 100), event(STOP, 140))
    for staff in (event(KEY, 0, STAFF), event(KEY, 120, STAFF), event(COMMAND, 130, STAFF)):
        assert found(staff, *run) == [(100, 141, "ssh")]
    assert found(event(KEY, 0, STAFF), event(STOP, 40, STAFF)) == []


def test_each_run_has_the_kind_of_its_own_access() -> None:
    both = (event(KEY, 0), event(STOP, 40), event(COMMAND, 100), event(STOP, 140))
    assert found(*both) == [(0, 41, "ssh"), (100, 141, "ssm")]


def test_the_operators_last_access_is_a_run_even_without_a_stop() -> None:
    done = (event(KEY, 0), event(STOP, 40))
    assert found(*done, event(KEY, 100)) == [(0, 41, "ssh"), (100, 100, "ssh")]
    assert found(event(KEY, 0)) == [(0, 0, "ssh")]
    assert found(event(KEY, 0), role=None) == []
    # It was interrupted, and the next run is complete.
    other = (event(KEY, 100, server=OTHER), event(STOP, 140, server=OTHER))
    assert found(event(KEY, 0), *other) == [(100, 141, "ssh")]
