"""Log groups, streams, and events, with an unmodified boto3."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.errors import AwsError
from pocketaws.identity.caller import Caller, service_caller
from pocketaws.server import LocalAws

from .conftest import ClientFactory

NOW = int(datetime.now(UTC).timestamp() * 1000)
_numbers = itertools.count()


@pytest.fixture(scope="module")
def logs(member: ClientFactory) -> Any:
    return member(
        "logs",
    )


@pytest.fixture
def group(logs: Any) -> str:
    """A new group with the streams ``one`` and ``two``."""
    name = f"/test/group-{next(_numbers)}"
    logs.create_log_group(logGroupName=name)
    for stream in ("one", "two"):
        logs.create_log_stream(logGroupName=name, logStreamName=stream)
    return name


def put(logs: Any, group: str, stream: str, events: Iterable[tuple[int, str]]) -> dict[str, Any]:
    """Put ``(timestamp, message)`` pairs; timestamps are milliseconds after ``NOW``."""
    batch = [{"timestamp": NOW + after, "message": message} for after, message in events]
    answer: dict[str, Any] = logs.put_log_events(
        logGroupName=group, logStreamName=stream, logEvents=batch
    )
    return answer


def found(logs: Any, group: str, **search: Any) -> list[str]:
    """Return the messages from all pages of a search."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, **search)
    return [event["message"] for page in pages for event in page["events"]]


def refusal(function: Callable[..., Any], **params: Any) -> tuple[str, str]:
    """Return the error code and message of a rejected call."""
    with pytest.raises(ClientError) as caught:
        function(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_events_come_back_in_order_of_time_across_streams(logs: Any, group: str) -> None:
    put(logs, group, "one", [(0, "a"), (20, "c")])
    put(logs, group, "two", [(10, "b"), (30, "d")])
    put(logs, group, "one", [(5, "late")])
    assert found(logs, group) == ["a", "late", "b", "c", "d"]
    assert found(logs, group, logStreamNames=["one"]) == ["a", "late", "c"]
    assert found(logs, group, logStreamNamePrefix="tw") == ["b", "d"]


def test_events_with_equal_times_keep_their_order_of_arrival(logs: Any, group: str) -> None:
    put(logs, group, "two", [(0, "first"), (0, "second")])
    put(logs, group, "one", [(0, "third")])
    assert found(logs, group) == ["first", "second", "third"]


def test_event_ids_are_56_digits_and_sort_like_the_events(logs: Any, group: str) -> None:
    put(logs, group, "one", [(n, str(n)) for n in range(20)])
    put(logs, group, "two", [(n, str(n)) for n in range(20)])
    ids = [event["eventId"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    assert ids == sorted(set(ids))
    assert len(ids) == 40
    assert {len(i) for i in ids} == {56}


def test_the_end_of_a_search_is_inclusive_and_of_a_read_exclusive(logs: Any, group: str) -> None:
    put(logs, group, "one", [(0, "a"), (1, "b"), (2, "c")])
    window = {"startTime": NOW + 1, "endTime": NOW + 2}
    assert found(logs, group, **window) == ["b", "c"]
    read = logs.get_log_events(logGroupName=group, logStreamName="one", **window)
    assert [event["message"] for event in read["events"]] == ["b"]


def test_a_search_takes_a_group_by_name_or_arn_but_not_both(logs: Any, group: str) -> None:
    put(logs, group, "one", [(0, "a")])
    described = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    for identifier in (group, described["logGroupArn"]):
        assert logs.filter_log_events(logGroupIdentifier=identifier)["events"][0]["message"] == "a"
    with_star = refusal(logs.filter_log_events, logGroupIdentifier=described["arn"])
    assert with_star[0] == "InvalidParameterException"
    code, _ = refusal(logs.filter_log_events, logGroupName=group, logGroupIdentifier=group)
    assert code == "InvalidParameterException"
    assert refusal(logs.filter_log_events)[0] == "InvalidParameterException"


def test_pages_of_a_search_neither_repeat_nor_skip(logs: Any, group: str) -> None:
    for stream in ("one", "two"):
        put(logs, group, stream, [(n // 3, f"{stream} {n}") for n in range(100)])
    pages = list(
        logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, filterPattern="one", PaginationConfig={"PageSize": 7}
        )
    )
    assert [e["message"] for page in pages for e in page["events"]] == [
        f"one {n}" for n in range(100)
    ]
    assert max(len(page["events"]) for page in pages) == 7
    assert "nextToken" not in pages[-1]


def test_a_search_can_begin_with_the_latest(logs: Any, group: str) -> None:
    put(logs, group, "one", [(n, f"one {n}") for n in range(5)])
    put(logs, group, "two", [(n, f"two {n}") for n in range(5)])
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startFromHead=False, startTime=NOW, PaginationConfig={"PageSize": 3}
    )
    messages = [event["message"] for page in pages for event in page["events"]]
    assert messages == [f"{s} {n}" for n in (4, 3, 2, 1, 0) for s in ("two", "one")]
    code, _ = refusal(logs.filter_log_events, logGroupName=group, startFromHead=False)
    assert code == "InvalidParameterException"


def test_a_page_ends_at_a_megabyte(logs: Any, group: str) -> None:
    for batch in range(3):
        put(logs, group, "one", [(batch, "x" * 500_000), (batch, "y" * 500_000)])
    first = logs.filter_log_events(logGroupName=group)
    assert len(first["events"]) == 3
    assert len(found(logs, group)) == 6


@pytest.mark.parametrize("token", ["x", "bm90IGpzb24=", "W10=", "WzEsMiwxLDMsIngiXQ=="])
def test_an_unknown_token_is_rejected(logs: Any, group: str, token: str) -> None:
    code, message = refusal(logs.filter_log_events, logGroupName=group, nextToken=token)
    assert code == "InvalidParameterException"
    assert "nextToken" in message
    read = {"logGroupName": group, "logStreamName": "one", "nextToken": token}
    assert refusal(logs.get_log_events, **read)[0] == "InvalidParameterException"


def test_a_foreign_or_modified_token_is_rejected(logs: Any, group: str) -> None:
    put(logs, group, "one", [(0, "a"), (1, "b")])
    token = logs.filter_log_events(logGroupName=group, limit=1)["nextToken"]
    timestamp, sequence, *rest = json.loads(base64.urlsafe_b64decode(token))
    changed = base64.urlsafe_b64encode(
        json.dumps([timestamp + 1, sequence, *rest]).encode()
    ).decode()
    search = {"logGroupName": group, "nextToken": changed}
    assert refusal(logs.filter_log_events, **search)[0] == "InvalidParameterException"
    logs.create_log_group(logGroupName=f"{group}-other")
    search = {"logGroupName": f"{group}-other", "nextToken": token}
    assert refusal(logs.filter_log_events, **search)[0] == "InvalidParameterException"


def test_reading_forward_ends_with_the_same_token_and_continues_later(
    logs: Any, group: str
) -> None:
    put(logs, group, "one", [(n, str(n)) for n in range(5)])
    stream = {"logGroupName": group, "logStreamName": "one", "startFromHead": True}
    first = logs.get_log_events(**stream, limit=3)
    second = logs.get_log_events(**stream, limit=3, nextToken=first["nextForwardToken"])
    end = logs.get_log_events(**stream, limit=3, nextToken=second["nextForwardToken"])
    assert [messages(page) for page in (first, second, end)] == [["0", "1", "2"], ["3", "4"], []]
    assert end["nextForwardToken"] == second["nextForwardToken"]
    back = logs.get_log_events(**stream, limit=2, nextToken=end["nextBackwardToken"])
    assert messages(back) == ["3", "4"]
    put(logs, group, "one", [(9, "new")])
    more = logs.get_log_events(**stream, nextToken=end["nextForwardToken"])
    assert messages(more) == ["new"]


def test_reading_starts_at_the_end_and_goes_backward(logs: Any, group: str) -> None:
    put(logs, group, "one", [(n, str(n)) for n in range(5)])
    stream = {"logGroupName": group, "logStreamName": "one", "limit": 3}
    last = logs.get_log_events(**stream)
    before = logs.get_log_events(**stream, nextToken=last["nextBackwardToken"])
    end = logs.get_log_events(**stream, nextToken=before["nextBackwardToken"])
    assert [messages(page) for page in (last, before, end)] == [["2", "3", "4"], ["0", "1"], []]
    assert end["nextBackwardToken"] == before["nextBackwardToken"]
    again = logs.get_log_events(**stream, nextToken=end["nextForwardToken"])
    assert messages(again) == ["0", "1", "2"]


def test_an_empty_stream_can_be_followed(logs: Any, group: str) -> None:
    stream = {"logGroupName": group, "logStreamName": "one"}
    empty = logs.get_log_events(**stream)
    assert empty["nextForwardToken"].startswith("f/")
    assert empty["nextBackwardToken"].startswith("b/")
    put(logs, group, "one", [(0, "a")])
    assert messages(logs.get_log_events(**stream, nextToken=empty["nextForwardToken"])) == ["a"]


def messages(page: dict[str, Any]) -> list[str]:
    return [event["message"] for event in page["events"]]


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([(1, "a"), (0, "b")], "chronological order"),
        ([(-25 * 3_600_000, "a"), (0, "b")], "24 hours"),
        ([(0, "x" * 1_048_551)], "Log event too large"),
        ([(0, "x" * 600_000), (0, "y" * 600_000)], "Upload too large"),
        ([(n // 100, "x") for n in range(10_001)], "length less than or equal to 10000"),
    ],
)
def test_a_batch_beyond_the_limits_is_refused_whole(
    logs: Any, group: str, events: list[tuple[int, str]], message: str
) -> None:
    batch = [{"timestamp": NOW + after, "message": text} for after, text in events]
    code, text = refusal(
        logs.put_log_events, logGroupName=group, logStreamName="one", logEvents=batch
    )
    assert code == "InvalidParameterException"
    assert message in text
    assert found(logs, group) == []


def test_events_too_old_or_too_new_are_rejected_and_reported(logs: Any, group: str) -> None:
    day, hour = 86_400_000, 3_600_000
    answer = put(
        logs, group, "one",
        [(-20 * day, "old"), (-15 * day, "old"), (0, "good"), (3 * hour, "new"), (4 * hour, "new")],
    )  # fmt: skip
    assert answer["rejectedLogEventsInfo"] == {
        "tooOldLogEventEndIndex": 2, "tooNewLogEventStartIndex": 3,
    }  # fmt: skip
    assert found(logs, group) == ["good"]
    assert "rejectedLogEventsInfo" not in put(logs, group, "one", [(0, "good")])


def test_events_past_the_retention_are_gone(logs: Any, group: str) -> None:
    day = 86_400_000
    put(logs, group, "one", [(-3 * day - 100, "older"), (-3 * day + 100_000, "old")])
    put(logs, group, "one", [(0, "new")])
    logs.put_retention_policy(logGroupName=group, retentionInDays=3)
    assert found(logs, group) == ["old", "new"]
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    assert found(logs, group) == ["new"]
    assert messages(logs.get_log_events(logGroupName=group, logStreamName="one")) == ["new"]
    assert put(logs, group, "one", [(-2 * day, "x")])["rejectedLogEventsInfo"] == {
        "expiredLogEventEndIndex": 1
    }
    described = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    assert described["retentionInDays"] == 1
    logs.delete_retention_policy(logGroupName=group)
    described = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    assert "retentionInDays" not in described
    code, _ = refusal(logs.put_retention_policy, logGroupName=group, retentionInDays=31)
    assert code == "InvalidParameterException"


def test_missing_resources_get_the_messages_of_aws(logs: Any, group: str) -> None:
    no_group = ("ResourceNotFoundException", "The specified log group does not exist.")
    no_stream = ("ResourceNotFoundException", "The specified log stream does not exist.")
    event = [{"timestamp": NOW, "message": "x"}]
    assert refusal(logs.delete_log_group, logGroupName="no") == no_group
    assert refusal(logs.filter_log_events, logGroupName="no") == no_group
    assert refusal(logs.get_log_events, logGroupName="no", logStreamName="x") == no_group
    assert refusal(logs.get_log_events, logGroupName=group, logStreamName="x") == no_stream
    assert refusal(logs.delete_log_stream, logGroupName=group, logStreamName="x") == no_stream
    put_nowhere = {"logGroupName": group, "logStreamName": "x", "logEvents": event}
    assert refusal(logs.put_log_events, **put_nowhere) == no_stream
    assert refusal(logs.filter_log_events, logGroupName=group, logStreamNames=["x"]) == no_stream


def test_existing_resources_are_not_created_again(logs: Any, group: str) -> None:
    code, message = refusal(logs.create_log_group, logGroupName=group)
    assert (code, message) == (
        "ResourceAlreadyExistsException", "The specified log group already exists",
    )  # fmt: skip
    code, message = refusal(logs.create_log_stream, logGroupName=group, logStreamName="one")
    assert (code, message) == (
        "ResourceAlreadyExistsException", "The specified log stream already exists",
    )  # fmt: skip


def test_invalid_names_are_rejected(logs: Any, group: str) -> None:
    assert refusal(logs.create_log_group, logGroupName="a b")[0] == "InvalidParameterException"
    assert refusal(logs.create_log_group, logGroupName="aws/x")[0] == "InvalidParameterException"
    code, message = refusal(logs.create_log_stream, logGroupName=group, logStreamName="a:b")
    assert code == "InvalidParameterException"
    assert "at 'logStreamName' failed to satisfy constraint" in message


def test_groups_are_found_by_prefix_substring_or_identifier(logs: Any) -> None:
    for name in ("find/Alpha", "find/beta", "find/betaAlpha"):
        logs.create_log_group(logGroupName=name)

    def names(**search: Any) -> list[str]:
        pages = logs.get_paginator("describe_log_groups").paginate(**search)
        return [group["logGroupName"] for page in pages for group in page["logGroups"]]

    assert names(logGroupNamePrefix="find/b") == ["find/beta", "find/betaAlpha"]
    assert names(logGroupNamePattern="Alpha") == ["find/Alpha", "find/betaAlpha"]
    assert names(logGroupNamePattern="alpha") == []
    assert names(logGroupIdentifiers=["find/beta"]) == ["find/beta"]
    one_by_one = {"logGroupNamePrefix": "find/", "PaginationConfig": {"PageSize": 1}}
    assert names(**one_by_one) == ["find/Alpha", "find/beta", "find/betaAlpha"]
    both = {"logGroupNamePrefix": "find/", "logGroupNamePattern": "beta"}
    assert refusal(logs.describe_log_groups, **both)[0] == "InvalidParameterException"


def test_streams_are_listed_by_name_or_by_their_last_event(logs: Any, group: str) -> None:
    logs.create_log_stream(logGroupName=group, logStreamName="empty")
    put(logs, group, "one", [(5, "b")])
    put(logs, group, "one", [(1, "a")])
    put(logs, group, "two", [(2, "c")])

    def names(**order: Any) -> list[str]:
        pages = logs.get_paginator("describe_log_streams").paginate(
            logGroupName=group, PaginationConfig={"PageSize": 1}, **order
        )
        return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]

    assert names() == ["empty", "one", "two"]
    assert names(descending=True) == ["two", "one", "empty"]
    assert names(orderBy="LastEventTime") == ["empty", "two", "one"]
    assert names(orderBy="LastEventTime", descending=True) == ["one", "two", "empty"]
    assert names(logStreamNamePrefix="t") == ["two"]
    one = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="one")["logStreams"][0]
    assert (one["firstEventTimestamp"], one["lastEventTimestamp"]) == (NOW + 1, NOW + 5)
    assert one["arn"].endswith(f":log-group:{group}:log-stream:one")
    by_time = {"logStreamNamePrefix": "o", "orderBy": "LastEventTime"}
    code, _ = refusal(logs.describe_log_streams, logGroupName=group, **by_time)
    assert code == "InvalidParameterException"


def test_deleting_a_stream_deletes_its_events(logs: Any, group: str) -> None:
    put(logs, group, "one", [(0, "a")])
    put(logs, group, "two", [(0, "b")])
    logs.delete_log_stream(logGroupName=group, logStreamName="one")
    assert found(logs, group) == ["b"]
    logs.delete_log_group(logGroupName=group)
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []


def test_a_protected_group_stays(logs: Any) -> None:
    logs.create_log_group(logGroupName="protected", deletionProtectionEnabled=True)
    assert refusal(logs.delete_log_group, logGroupName="protected")[0] == "ValidationException"


def test_tags_are_set_listed_and_removed(logs: Any) -> None:
    logs.create_log_group(logGroupName="tagged", tags={"a": "1"})
    arn = logs.describe_log_groups(logGroupNamePrefix="tagged")["logGroups"][0]["logGroupArn"]
    logs.tag_resource(resourceArn=arn, tags={"b": "2"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "1", "b": "2"}
    logs.untag_resource(resourceArn=arn, tagKeys=["a", "absent"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    many = {str(n): "x" for n in range(50)}
    assert refusal(logs.tag_resource, resourceArn=arn, tags=many)[0] == "TooManyTagsException"


def test_accounts_do_not_see_each_others_groups(
    logs: Any, group: str, administrator: ClientFactory
) -> None:
    others = administrator("logs")
    assert others.describe_log_groups()["logGroups"] == []
    arn = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["logGroupArn"]
    code, _ = refusal(others.filter_log_events, logGroupIdentifier=arn)
    assert code == "ResourceNotFoundException"


def test_any_text_is_returned_unchanged(logs: Any, group: str) -> None:
    texts = ["zwölf Ω 🦊", 'quote " and \\', "tab\tline\nend", "\u0000null", " "]
    put(logs, group, "one", [(n, text) for n, text in enumerate(texts)])
    assert found(logs, group) == texts
    assert found(logs, group, filterPattern='"Ω 🦊"') == texts[:1]


def service(logs: Any, group: str) -> Caller:
    """An AWS service that acts in the account of ``group``."""
    arn = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["arn"]
    return service_caller("vpc-flow-logs.amazonaws.com", arn.split(":")[4])


def test_an_empty_message_is_refused(local_aws: LocalAws, logs: Any, group: str) -> None:
    event = {"timestamp": NOW, "message": ""}
    with pytest.raises(AwsError, match="length greater than or equal to 1") as caught:
        local_aws.world.call(
            service(logs, group), "logs", "PutLogEvents", "eu-west-1",
            logGroupName=group, logStreamName="one", logEvents=[event],
        )  # fmt: skip
    assert caught.value.code == "InvalidParameterException"


def test_a_search_sees_what_another_service_put(local_aws: LocalAws, logs: Any, group: str) -> None:
    when = datetime.now(UTC) - timedelta(minutes=1)
    event = {"timestamp": int(when.timestamp() * 1000), "message": "2 1 eni-1 209.85.202.94 x"}
    local_aws.world.call(
        service(logs, group), "logs", "PutLogEvents", "eu-west-1",
        logGroupName=group, logStreamName="one", logEvents=[event],
    )  # fmt: skip
    assert found(logs, group, filterPattern="209.85.202.94") == [event["message"]]
