from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from labkit.evidence import trail
from labkit.evidence.activity import activity_rows, of_role, parse
from labkit.model import Activity, ApiEvent

ROLE = "arn:aws:iam::210000000001:role/labkit-demo-ada-attendee"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def event(
    service: str, name: str, asked: Any = None, *, after: int = 0, role: str = ROLE, **more: Any
) -> ApiEvent:
    session = {"sessionIssuer": {"type": "Role", "arn": role}}
    return trail.parse(
        {
            "eventID": f"{service}-{name}-{after}",
            "eventTime": f"{NOON + timedelta(seconds=after):%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "requestParameters": asked,
            "userIdentity": {"type": "AssumedRole", "sessionContext": session},
            "userAgent": "Mozilla/5.0",
            **more,
        }
    )


def told(*args: Any, **more: Any) -> tuple[str, str] | None:
    act = parse(event(*args, **more))
    return None if act is None else (act.kind, act.detail)


def test_searches_are_told_with_what_was_searched_for() -> None:
    group = {"logGroupName": "i-1-commands-log"}
    several = {"logGroupNames": ["a", "b"], "queryString": "fields @message\n| limit 5"}
    by_name = {"lookupAttributes": [{"attributeKey": "ResourceName", "attributeValue": "i-1"}]}

    assert told("logs", "FilterLogEvents", {**group, "filterPattern": '"curl"'}) == (
        "log search", 'i-1-commands-log: for "curl"',
    )  # fmt: skip
    assert told("logs", "FilterLogEvents", group) == ("log search", "i-1-commands-log: everything")
    assert told("logs", "GetLogEvents", {**group, "logStreamName": "i-1"}) == (
        "log read", "i-1-commands-log: i-1",
    )  # fmt: skip
    assert told("logs", "StartQuery", several) == ("log query", "a, b: fields @message | limit 5")
    assert told("cloudtrail", "LookupEvents", by_name) == ("event lookup", "by ResourceName i-1")
    assert told("athena", "StartQueryExecution", {"queryString": "SELECT 1"}) == (
        "Athena query", "SELECT 1",
    )  # fmt: skip
    answer = {"name": "/labkit/demo/ada/answers/command", "value": "HIDDEN"}
    assert told("ssm", "PutParameter", answer) == ("answer", "command")


def test_what_is_not_recorded_is_not_claimed() -> None:
    for asked in (None, {}, {"queryString": "***OMITTED***"}):
        assert told("athena", "StartQueryExecution", asked) == (
            "Athena query", "CloudTrail didn't record the text",
        )  # fmt: skip
    assert told("cloudtrail", "LookupEvents") == ("event lookup", "without a filter")
    assert told("ec2", "DescribeInstances") is None
    assert told("ssm", "PutParameter", {"name": "mine"}) is None
    assert of_role([], ROLE) == ()


def test_only_the_attendees_own_sessions_count_and_not_what_labkit_asked_for_them() -> None:
    group = {"logGroupName": "g"}
    events = [
        event("logs", "FilterLogEvents", group, after=9, role=f"{ROLE}2"),
        event("logs", "FilterLogEvents", group, userAgent="Boto3/1 app/labkit Botocore/1"),
        event("logs", "FilterLogEvents", group, userIdentity={"type": "Root"}),
        event("ssm", "PutParameter", {"name": "/x/hints/q"}, userAgent="Boto3/1 app/labkit"),
    ]

    assert [(act.kind, act.detail) for act in of_role(events, ROLE)] == [("hint", "q")]


def test_pages_of_one_search_count_as_one_in_the_order_of_time() -> None:
    one, other = {"logGroupName": "g"}, {"logGroupName": "h"}
    answer = {"name": "/labkit/w/s/answers/q"}
    events = [
        event("logs", "FilterLogEvents", one, after=400),
        event("logs", "FilterLogEvents", one, after=1),
        event("logs", "FilterLogEvents", {**one, "nextToken": "x"}, after=2),
        event("logs", "FilterLogEvents", other, after=3, errorCode="AccessDenied"),
        event("ssm", "PutParameter", answer, after=5),
        event("ssm", "PutParameter", answer, after=6),
    ]

    found = of_role(events, ROLE)

    assert [(act.detail, act.times) for act in found] == [
        ("g: everything", 2), ("h: everything", 1), ("q", 1), ("q", 1), ("g: everything", 1),
    ]  # fmt: skip
    assert list(activity_rows(found))[:2] == [
        ("12:00:01", "log search", "g: everything (2 calls)"),
        ("12:00:03", "log search", "h: everything (refused: AccessDenied)"),
    ]


def test_a_query_cannot_write_to_the_instructors_terminal() -> None:
    act = parse(event("athena", "StartQueryExecution", {"queryString": "SELECT\x1b[2J '\u202e'"}))

    assert act == Activity(NOON, "Athena query", "SELECT\ufffd[2J '\ufffd'")
