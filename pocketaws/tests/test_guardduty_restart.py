"""The whole path of an alert survives a restart, from the journal alone or a snapshot."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from pocketaws.identity.caller import service_caller
from pocketaws.server import LocalAws
from pocketaws.sns.inbox import as_json

from .servers import make_site
from .taken import by_run_command, clients_with

REGION = "eu-west-1"


def clients(aws: LocalAws) -> Callable[[str], Any]:
    key = aws.administrator
    session = boto3.Session(key.access_key_id, key.secret_access_key, region_name=REGION)
    return lambda service: session.client(service, endpoint_url=aws.endpoint)


def die(aws: LocalAws) -> None:
    """End without saving, as if the process died: only the journal remains."""
    journal = aws.world._journal
    aws.world._journal = None
    aws.stop()
    assert journal is not None
    journal.close()


def make(aws: LocalAws) -> None:
    """State of every kind, with effects that have happened and effects that are still due."""
    client = clients(aws)
    client("s3").create_bucket(
        Bucket="lists", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    client("s3").put_object(Bucket="lists", Key="bad.txt", Body=b"203.0.113.66\n")
    detector = client("guardduty").create_detector(Enable=True)["DetectorId"]
    client("guardduty").create_threat_intel_set(
        DetectorId=detector, Name="bad", Format="TXT", Location="s3://lists/bad.txt", Activate=True
    )
    topic = client("sns").create_topic(Name="alerts")["TopicArn"]
    allow = {
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish", "Resource": topic,
    }  # fmt: skip
    client("sns").set_topic_attributes(
        TopicArn=topic,
        AttributeName="Policy",
        AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )
    client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="ada@example.com")
    events = client("events")
    events.put_rule(Name="alerts", EventPattern='{"source": ["aws.guardduty"]}')
    events.put_targets(Rule="alerts", Targets=[{"Id": "mail", "Arn": topic}])
    site = make_site(client)
    outside = clients_with(aws, by_run_command(site, site.run()))
    for _ in range(2):  # the second finding waits for the publishing frequency
        outside("sts").get_caller_identity()
    client("glue").create_database(DatabaseInput={"Name": "records"})
    client("athena").create_work_group(
        Name="class", Configuration={"ManagedQueryResultsConfiguration": {"Enabled": True}}
    )
    client("athena").start_query_execution(QueryString="SELECT 7/2 AS x", WorkGroup="class")
    client("scheduler").create_schedule_group(Name="class")


def seen(client: Callable[[str], Any], aws: LocalAws) -> dict[str, Any]:
    """Read everything through the API."""
    guardduty, athena = client("guardduty"), client("athena")
    (detector,) = guardduty.list_detectors()["DetectorIds"]
    (list_id,) = guardduty.list_threat_intel_sets(DetectorId=detector)["ThreatIntelSetIds"]
    ids = guardduty.list_findings(DetectorId=detector)["FindingIds"]
    (query,) = athena.list_query_executions(WorkGroup="class")["QueryExecutionIds"]
    answers = {
        "detector": guardduty.get_detector(DetectorId=detector),
        "list": guardduty.get_threat_intel_set(DetectorId=detector, ThreatIntelSetId=list_id),
        "findings": guardduty.get_findings(DetectorId=detector, FindingIds=ids),
        "subscriptions": client("sns").list_subscriptions(),
        "targets": client("events").list_targets_by_rule(Rule="alerts"),
        "database": client("glue").get_database(Name="records"),
        "query": athena.get_query_execution(QueryExecutionId=query),
        "rows": athena.get_query_results(QueryExecutionId=query),
        "group": client("scheduler").get_schedule_group(Name="class"),
    }
    for answer in answers.values():
        answer.pop("ResponseMetadata")
    with aws.world.transaction():
        mails = as_json(aws.world)
    return {**answers, "mails": mails, "to come": len(aws.world.queue)}


@pytest.mark.parametrize("end", [die, LocalAws.stop], ids=["journal", "snapshot"])
def test_an_alert_takes_the_same_path_after_a_restart(
    tmp_path: Path, end: Callable[[LocalAws], None]
) -> None:
    first = LocalAws(data=tmp_path, region=REGION).start()
    make(first)
    before = seen(clients(first), first)
    end(first)
    assert before["list"]["Status"] == "ACTIVE"
    assert before["findings"]["Findings"][0]["Service"]["Count"] == 2
    assert len(before["mails"]) == 2
    with LocalAws(data=tmp_path, region=REGION) as second:
        assert seen(clients(second), second) == before
        # The effects still due find what they need: the rule, the topic, the confirmed address.
        caller = service_caller("events.amazonaws.com", second.administrator.account)
        (subscription,) = before["subscriptions"]["Subscriptions"]
        second.world.call(
            caller, "sns", "Publish", REGION, TopicArn=subscription["TopicArn"], Message="again"
        )
        with second.world.transaction():
            assert len(as_json(second.world)) == 3
