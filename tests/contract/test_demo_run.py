"""The whole demo, and that its result depends on what it should depend on."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from labkit.embedded_aws import embedded_aws
from labkit.evidence.snapshot import Snapshot, load, save
from labkit.grading.session import grade
from labkit.model import EvidenceBundle, Grades, Outcome
from labkit.report.as_csv import as_csv
from labkit.report.as_html import as_html
from labkit.report.as_json import as_json
from labkit.report.as_junit import as_junit
from labkit.scenario import find_scenario
from labkit.workflow import demo_run
from labkit.workflow.attendees import Attendee
from labkit.workflow.collect import collect_class, split_results
from labkit.workflow.operations import Operations
from pocketaws.server import LocalAws
from pocketaws.testing import inbox

SEATS = 3
UNIQUE = {"instance", "command", "trail_query"}


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with embedded_aws(demo_run.REGION) as running:
        yield running


@pytest.fixture(scope="module")
def labs(aws: LocalAws) -> Operations:
    """Three labs before any incident."""
    assert aws.endpoint
    work = demo_run.begin(SEATS)
    demo_run.require_state(work.up(), "ready")
    return work


@pytest.fixture(scope="module")
def before(labs: Operations) -> Grades:
    """The grades of answers submitted before any incident."""
    for seat in labs.seats[:2]:
        demo_run.submit_all(
            labs, seat, {"callout_address": ["203.0.113.77"], "instance": ["i-0123456789abcdef0"]}
        )
    return demo_run.judge(labs, wait=timedelta())


@pytest.fixture(scope="module")
def incidents(labs: Operations, before: Grades) -> dict[str, dict[str, str]]:
    assert before.seats
    rows = labs.simulate("ssh")
    demo_run.require_state(rows, "incident")
    return {row["seat"]: row["incident"] for row in rows}


@pytest.fixture(scope="module")
def bundles(labs: Operations, incidents: dict[str, dict[str, str]]) -> list[EvidenceBundle]:
    assert incidents
    demo_run.attend(labs)
    found, failed = split_results(collect_class(labs, wait=demo_run.EVIDENCE_WAIT))
    assert failed == []
    return found


def judged(bundles: list[EvidenceBundle], folder: Path | None = None) -> Grades:
    scenario = find_scenario("malicious_callout")
    now = bundles[0].evidence.collected_at
    return grade(
        folder or scenario.checks_folder, bundles, workshop="demo", scenario=scenario.name, now=now
    )


def test_without_an_incident_nobody_passes(before: Grades) -> None:
    outcomes = {v.outcome for seat in before.seats for v in seat.verdicts}
    assert outcomes == {Outcome.PENDING, Outcome.UNANSWERED}


def test_each_attendee_is_judged_as_the_part_it_plays(
    labs: Operations, bundles: list[EvidenceBundle]
) -> None:
    grades = judged(bundles)
    expected = [Outcome.PASSED, Outcome.WRONG, Outcome.UNANSWERED]
    for seat, outcome in zip(grades.seats, expected, strict=True):
        assert {v.outcome for v in seat.verdicts} == {outcome}, seat
    assert demo_run.kind_of(labs, labs.seats[0]) is Attendee.SOLVER


def test_another_seats_unique_answers_are_wrong(bundles: list[EvidenceBundle]) -> None:
    solved, other, _ = bundles
    swapped = EvidenceBundle(other.evidence, solved.answers)
    (graded,) = judged([swapped]).seats
    outcomes = {verdict.task: verdict.outcome for verdict in graded.verdicts}
    assert {task for task in UNIQUE if outcomes[task] is not Outcome.WRONG} == set()


def test_a_broken_check_is_an_error_and_not_a_wrong_answer(
    bundles: list[EvidenceBundle], tmp_path: Path
) -> None:
    folder = tmp_path / "checks"
    shutil.copytree(find_scenario("malicious_callout").checks_folder, folder)
    path = folder / "check_command.py"
    path.write_text(
        path.read_text().replace("def command(", "def command(\n", 1) + "\nraise RuntimeError\n"
    )
    for seat in judged(bundles[:2], folder).seats:
        outcomes = {verdict.task: verdict.outcome for verdict in seat.verdicts}
        assert outcomes.pop("command") is Outcome.ERROR
        assert Outcome.ERROR not in outcomes.values()


def test_no_output_holds_the_right_answer_of_who_erred(
    bundles: list[EvidenceBundle], incidents: dict[str, dict[str, str]]
) -> None:
    grades = judged([bundles[1]])
    incident = incidents[bundles[1].evidence.seat]
    truth = [
        incident[key] for key in ("instance_id", "command", "operator_address", "operator_session")
    ]
    truth.append(incident["callout_address"])
    outputs = [json.dumps(as_json(grades)), as_csv(grades), as_junit(grades), as_html(grades)]
    for text in truth:
        assert all(text not in output for output in outputs)


def test_evidence_saved_is_graded_again_with_the_same_verdicts(
    bundles: list[EvidenceBundle], tmp_path: Path
) -> None:
    again = [
        load(save(Snapshot("demo", "malicious_callout", bundle), tmp_path)).bundle
        for bundle in bundles
    ]
    assert as_json(judged(again)) == as_json(judged(bundles))


def test_plain_boto3_sees_what_happened(
    aws: LocalAws,
    labs: Operations,
    bundles: list[EvidenceBundle],
    incidents: dict[str, dict[str, str]],
) -> None:
    assert bundles
    seat = labs.seats[0]
    incident, lab = incidents[seat.id], labs.deployed(seat).lab
    client = labs.cloud.account(seat.account).client
    server = incident["instance_id"]

    events = client("cloudformation").describe_stack_events(StackName=f"labkit-demo-seat-{seat.id}")
    made = {
        e["LogicalResourceId"]
        for e in events["StackEvents"]
        if e["ResourceStatus"] == "CREATE_COMPLETE"
    }
    assert {"Vpc", "FlowLog", "Server1", "Server2", "AttendeeRole", "Workgroup"} <= made

    found = client("logs").filter_log_events(
        logGroupName=f"{server}-commands-log", filterPattern=f'"{incident["callout_address"]}"'
    )["events"]
    form = rf"\w{{3}} [ \d]\d [\d:]{{8}} ip-[\d-]+ ec2-user: ec2-user \[\d+\]: {re.escape(incident['command'])} \[0\]"
    assert [bool(re.fullmatch(form, event["message"])) for event in found] == [True]

    history = client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": server}]
    )["Events"]
    records = {event["EventName"]: json.loads(event["CloudTrailEvent"]) for event in history}
    assert records["RunInstances"]["userIdentity"]["invokedBy"] == "cloudformation.amazonaws.com"
    assert (
        records["StopInstances"]["userIdentity"]["arn"].split("/")[1]
        == "labkit-demo-seat-1-responder"
    )

    (key,) = client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "SendSSHPublicKey"}]
    )["Events"]
    record = json.loads(key["CloudTrailEvent"])
    assert record["userIdentity"]["arn"].endswith(f"/{incident['operator_session']}")
    flows = client("logs").filter_log_events(
        logGroupName=lab.flow_log_group, filterPattern=f'"{record["sourceIPAddress"]}"'
    )["events"]
    assert {"22"} <= {field for flow in flows for field in flow["message"].split()[5:7]}

    finding_ids = client("guardduty").list_findings(DetectorId=lab.detector_id)["FindingIds"]
    (finding,) = client("guardduty").get_findings(
        DetectorId=lab.detector_id, FindingIds=finding_ids
    )["Findings"]
    assert finding["Resource"]["InstanceDetails"]["InstanceId"] == server
    assert [mail for mail in inbox(aws) if server in mail["body"] and mail["to"] == seat.email]


def test_files_of_the_trail_have_the_shape_of_real_ones(
    labs: Operations, bundles: list[EvidenceBundle]
) -> None:
    assert bundles
    seat = labs.seats[0]
    lab, account = labs.deployed(seat).lab, labs.cloud.account(seat.account)
    s3, number = account.client("s3"), account.identity.account
    keys = [
        o["Key"] for o in s3.list_objects_v2(Bucket=lab.trail_bucket, Prefix="AWSLogs/")["Contents"]
    ]
    form = rf"AWSLogs/{number}/CloudTrail/eu-west-1/\d{{4}}/\d\d/\d\d/{number}_CloudTrail_eu-west-1_\d{{8}}T\d{{4}}Z_\w{{16}}\.json\.gz"
    files = [key for key in keys if "Digest" not in key]
    assert files
    assert all(re.fullmatch(form, key) for key in files)
    records = [
        record
        for key in files
        for record in json.loads(
            gzip.decompress(s3.get_object(Bucket=lab.trail_bucket, Key=key)["Body"].read())
        )["Records"]
    ]
    ec2 = [record for record in records if record["eventSource"] == "ec2.amazonaws.com"]
    assert {"RunInstances", "StopInstances"} <= {record["eventName"] for record in ec2}
    assert [record["eventName"] for record in ec2 if "resources" in record] == []


def test_the_plan_of_down_deletes_the_stacks_and_what_they_do_not_contain(
    labs: Operations, bundles: list[EvidenceBundle]
) -> None:
    assert bundles
    actions = labs.plan_down().actions
    assert {(action.verb, action.kind) for action in actions} == {
        ("delete", "stack"), ("stop", "trail"), ("block", "bucket"), ("empty", "bucket"),
        ("delete", "parameter"),
    }  # fmt: skip
    assert all(action.reason for action in actions)


def test_nothing_is_left_by_other_means(labs: Operations, bundles: list[EvidenceBundle]) -> None:
    assert bundles
    removed = labs.down()
    assert [row["state"] for row in removed] == ["absent"] * SEATS
    assert [row["leftovers"] for row in removed] == [[]] * SEATS
    for seat in labs.seats:
        client = labs.cloud.account(seat.account).client
        assert client("s3").list_buckets()["Buckets"] == []
        assert client("logs").describe_log_groups()["logGroups"] == []
        assert (
            client("ssm").get_parameters_by_path(Path="/labkit", Recursive=True)["Parameters"] == []
        )
        assert client("guardduty").list_detectors()["DetectorIds"] == []
        assert client("cloudtrail").describe_trails()["trailList"] == []
        assert client("sns").list_topics()["Topics"] == []
        assert client("events").list_rules()["Rules"] == []
        roles = [role["RoleName"] for role in client("iam").list_roles()["Roles"]]
        assert [
            role for role in roles if not role.startswith(("OrganizationAccount", "AWSServiceRole"))
        ] == []
        states = {
            server["State"]["Name"]
            for reservation in client("ec2").describe_instances()["Reservations"]
            for server in reservation["Instances"]
        }
        assert states == {"terminated"}
        assert [vpc for vpc in client("ec2").describe_vpcs()["Vpcs"] if not vpc["IsDefault"]] == []


def test_down_where_nothing_was_made_does_nothing(
    labs: Operations, bundles: list[EvidenceBundle]
) -> None:
    assert bundles
    assert [row["state"] for row in labs.down()] == ["absent"] * SEATS
