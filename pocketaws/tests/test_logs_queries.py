"""Insights queries, and the shape of every response."""

from __future__ import annotations

import json
import pickle
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session
from botocore.validate import ParamValidator

from pocketaws.logs.store import LogsStore
from pocketaws.registry import surface
from pocketaws.server import LocalAws
from pocketaws.setup import root_caller

from .conftest import REGION, ClientFactory, client_factory

NOW = int(datetime.now(UTC).timestamp())
FLOW = "2 123456789012 eni-0a1 {source} {target} 49152 {port} 6 5 400 1 2 {action} OK"


@pytest.fixture(scope="module")
def logs(administrator: ClientFactory) -> Any:
    """A group with flow log records and a group with trail records."""
    client = administrator("logs")
    lines = [
        FLOW.format(source="198.51.100.9", target="10.0.0.9", port=22, action="ACCEPT"),
        FLOW.format(source="10.0.0.9", target="209.85.202.94", port=80, action="ACCEPT"),
        FLOW.format(source="203.0.113.5", target="10.0.0.9", port=3389, action="REJECT"),
    ]
    fill(client, "flow", "eni-0a1-all", lines)
    fill(client, "trail", "trail", [json.dumps({"eventName": "StopInstances", "n": {"a": [7]}})])
    return client


def fill(client: Any, group: str, stream: str, lines: list[str]) -> None:
    client.create_log_group(logGroupName=group)
    client.create_log_stream(logGroupName=group, logStreamName=stream)
    client.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"timestamp": NOW * 1000 + n, "message": line} for n, line in enumerate(lines)],
    )


def ask(client: Any, query: str, *groups: str, **more: Any) -> dict[str, Any]:
    """Return a query's complete results over the last minute."""
    started = client.start_query(
        logGroupNames=list(groups), queryString=query, startTime=NOW - 60, endTime=NOW, **more
    )
    results: dict[str, Any] = client.get_query_results(queryId=started["queryId"])
    assert results["status"] == "Complete"
    return results


def rows(results: dict[str, Any]) -> list[dict[str, str]]:
    return [{cell["field"]: cell["value"] for cell in row} for row in results["results"]]


def test_a_query_over_flow_logs_finds_the_address_called(logs: Any) -> None:
    results = ask(
        logs, 'fields srcAddr, dstPort | filter dstAddr = "209.85.202.94" | sort @timestamp', "flow"
    )
    (row,) = rows(results)
    assert (row["srcAddr"], row["dstPort"]) == ("10.0.0.9", "80")
    assert results["statistics"]["recordsMatched"] == 1
    assert results["statistics"]["recordsScanned"] == 3


def test_a_row_points_to_its_full_record(logs: Any) -> None:
    (row,) = rows(ask(logs, "filter eventName like /Stop/", "trail"))
    record = logs.get_log_record(logRecordPointer=row["@ptr"])["logRecord"]
    assert record["@message"] == row["@message"]
    assert record["@timestamp"] == str(NOW * 1000)
    assert record["@logStream"] == "trail"
    assert (record["eventName"], record["n.a.0"]) == ("StopInstances", "7")
    for pointer in ("x", "bm90IGpzb24="):
        with pytest.raises(ClientError, match="pointer"):
            logs.get_log_record(logRecordPointer=pointer)


def test_a_query_over_several_groups_tells_them_apart(logs: Any) -> None:
    found = rows(ask(logs, "fields @log | sort @log", "flow", "trail"))
    assert [row["@log"].split(":")[1] for row in found] == ["flow"] * 3 + ["trail"]


def test_results_come_in_pages(logs: Any) -> None:
    started = logs.start_query(
        logGroupName="flow", queryString="fields @message", startTime=NOW - 60, endTime=NOW
    )
    first = logs.get_query_results(queryId=started["queryId"], maxItems=2)
    second = logs.get_query_results(queryId=started["queryId"], nextToken=first["nextToken"])
    assert [len(first["results"]), len(second["results"])] == [2, 1]
    assert "nextToken" not in second
    assert len(ask(logs, "fields @message", "flow", limit=1)["results"]) == 1


def test_events_outside_the_window_do_not_count(logs: Any) -> None:
    started = logs.start_query(
        logGroupName="flow", queryString="fields @message", startTime=NOW - 60, endTime=NOW - 1
    )
    assert logs.get_query_results(queryId=started["queryId"])["results"] == []


def test_a_wrong_query_says_where(logs: Any) -> None:
    with pytest.raises(logs.exceptions.MalformedQueryException) as caught:
        ask(logs, "fields @message\n| filter dstAddr ==", "flow")
    error = caught.value.response
    assert "unexpected symbol found end of query at line 2" in error["Error"]["Message"]
    assert error["queryCompileError"]["location"] == {"startCharOffset": 35, "endCharOffset": 35}


def test_a_query_needs_one_way_of_naming_groups_and_a_window(logs: Any) -> None:
    query = {"queryString": "fields @message", "startTime": NOW - 60, "endTime": NOW}
    for groups in ({}, {"logGroupName": "flow", "logGroupNames": ["flow"]}):
        with pytest.raises(logs.exceptions.InvalidParameterException):
            logs.start_query(**groups, **query)
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.start_query(logGroupName="none", **query)
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.start_query(logGroupName="flow", **{**query, "endTime": NOW - 61})
    with pytest.raises(logs.exceptions.MalformedQueryException, match="end date"):
        logs.start_query(logGroupName="flow", **{**query, "startTime": 1, "endTime": 2})


def test_past_queries_are_listed_newest_first(logs: Any) -> None:
    for query in ("fields @message | limit 1", "fields @message | limit 2"):
        ask(logs, query, "trail")
    listed = logs.describe_queries(logGroupName="trail", status="Complete")["queries"]
    texts = [query["queryString"] for query in listed]
    assert set(texts[:2]) == {"fields @message | limit 1", "fields @message | limit 2"}
    assert logs.describe_queries(status="Failed")["queries"] == []


def test_the_fields_of_a_group_are_counted(logs: Any) -> None:
    fields = logs.get_log_group_fields(logGroupName="flow", time=NOW)["logGroupFields"]
    assert {field["name"]: field["percent"] for field in fields}["dstAddr"] == 100
    assert {"@timestamp", "@message", "@logStream"} <= {field["name"] for field in fields}


def test_a_query_takes_its_time_and_can_be_stopped() -> None:
    with LocalAws(region=REGION, delays="aws") as aws:
        key = aws.administrator
        client = client_factory(aws, key.access_key_id, key.secret_access_key)("logs")
        fill(client, "slow", "one", ["a", "b"])
        query = {"logGroupName": "slow", "queryString": "fields @message", "startTime": NOW - 60}
        stopped = client.start_query(**query, endTime=NOW + 60)["queryId"]
        finished = client.start_query(**query, endTime=NOW + 60)["queryId"]
        assert client.get_query_results(queryId=finished)["status"] == "Running"
        assert client.stop_query(queryId=stopped)["success"]
        deadline = time.monotonic() + 20
        while client.get_query_results(queryId=finished)["status"] == "Running":
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert len(client.get_query_results(queryId=finished)["results"]) == 2
        assert client.get_query_results(queryId=stopped)["status"] == "Cancelled"
        with pytest.raises(client.exceptions.InvalidParameterException):
            client.stop_query(queryId=finished)


def test_every_answer_has_the_shape_that_botocore_knows(local_aws: LocalAws) -> None:
    """Also fail for members missing from the shape, which botocore's parsers would ignore."""
    model = Session().get_service_model("logs")
    caller = root_caller(local_aws.world.management_account)
    asked: set[str] = set()

    def ask(operation: str, **params: Any) -> dict[str, Any]:
        answer = local_aws.world.call(caller, "logs", operation, REGION, **params)
        asked.add(operation)
        shape = model.operation_model(operation).output_shape
        if shape is None:
            assert answer == {}
        else:
            report = ParamValidator().validate(answer, shape)
            assert not report.has_errors(), f"{operation}: {report.generate_report()}"
        return answer

    group, stream = {"logGroupName": "shapes"}, {"logStreamName": "one"}
    window = {"startTime": NOW - 60, "endTime": NOW + 60}
    event = {"timestamp": NOW * 1000, "message": "x"}
    arn = f"arn:aws:logs:{REGION}:{caller.account}:log-group:shapes"
    ask("CreateLogGroup", **group, tags={"a": "b"})
    ask("PutRetentionPolicy", **group, retentionInDays=1)
    ask("DescribeLogGroups")
    ask("DeleteRetentionPolicy", **group)
    ask("CreateLogStream", **group, **stream)
    ask("DescribeLogStreams", **group)
    late = {**event, "timestamp": NOW * 1000 + 10_000_000}
    ask("PutLogEvents", **group, **stream, logEvents=[event, late])
    ask("DescribeLogStreams", **group)
    ask("PutLogEvents", **group, **stream, logEvents=[{**event, "message": "y"}])
    ask("FilterLogEvents", **group, limit=1)
    ask("GetLogEvents", **group, **stream)
    ask("TagResource", resourceArn=arn, tags={"a": "b"})
    ask("ListTagsForResource", resourceArn=arn)
    ask("UntagResource", resourceArn=arn, tagKeys=["a"])
    query = ask("StartQuery", **group, **window, queryString="fields @message")
    local_aws.world.flush()
    results = ask("GetQueryResults", **query)
    ask("GetLogRecord", logRecordPointer=results["results"][0][-1]["value"])
    ask("DescribeQueries")
    ask("GetLogGroupFields", **group)
    with local_aws.world.transaction():
        ask("StopQuery", **ask("StartQuery", **group, **window, queryString="fields @message"))
    ask("DescribeMetricFilters", **group)
    ask("DescribeSubscriptionFilters", **group)
    ask("DescribeQueryDefinitions")
    ask("DeleteLogStream", **group, **stream)
    ask("DeleteLogGroup", **group)
    assert asked == set(surface()["logs"])


def test_the_state_can_be_saved(local_aws: LocalAws, logs: Any) -> None:
    assert logs
    store = local_aws.world.store(LogsStore, local_aws.world.management_account, REGION)
    again = pickle.loads(pickle.dumps(store))  # noqa: S301 - our own data
    stream = again.groups["flow"].streams["eni-0a1-all"]
    assert [bytes(segment.text) for segment in stream.segments] == [
        bytes(segment.text) for segment in store.groups["flow"].streams["eni-0a1-all"].segments
    ]
