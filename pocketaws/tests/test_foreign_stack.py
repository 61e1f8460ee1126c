"""The exercise on a stack that this project did not write, solved with the AWS CLI and the OpenSSH client.

Names, agent settings, the recording hook, the flow log's format and the alert are someone else's. The programs are
unmodified; where one is missing, the tests that need it are skipped and say so.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import WaiterError
from flowlogs_reader import FlowLogsReader

from pocketaws.server import LocalAws
from pocketaws.testing import inbox

from .conftest import REGION, client_factory

PROGRAMS = ("aws", "ssh", "ssh-keygen")
MISSING = [name for name in PROGRAMS if shutil.which(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {MISSING}")

TEMPLATE = Path(__file__).parent / "foreign" / "harbour.yaml"
PIRATE = "209.85.202.17"
COMMAND = f"curl -s -m 5 -o /dev/null http://{PIRATE}/parley"
TYPED = ["cd /tmp", "id -un", COMMAND, "exit"]
STACK = "gatehouse"


@dataclass
class Harbour:
    """The running AWS, its administrator's environment for programs, and a folder."""

    aws: LocalAws
    environment: dict[str, str]
    folder: Path

    def text(self, *words: str) -> str:
        """What the AWS CLI prints for these words; it must succeed."""
        ran = subprocess.run(  # noqa: S603 - words of our own
            ["aws", *words],  # noqa: S607
            env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, f"aws {' '.join(words)}: {ran.stderr}"
        return ran.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.text(*words, "--output", "json"))

    def client(self, service: str) -> Any:
        key = self.aws.administrator
        return client_factory(self.aws, key.access_key_id, key.secret_access_key)(service)


@pytest.fixture(scope="module")
def harbour(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Harbour:
    folder = tmp_path_factory.mktemp("harbour")
    environment = {
        "AWS_ACCESS_KEY_ID": local_aws.administrator.access_key_id,
        "AWS_SECRET_ACCESS_KEY": local_aws.administrator.secret_access_key,
        "AWS_ENDPOINT_URL": local_aws.endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_PAGER": "",
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
    }
    return Harbour(local_aws, environment, folder)


@pytest.fixture(scope="module")
def outputs(harbour: Harbour) -> dict[str, str]:
    """The deployed stack's outputs."""
    harbour.text("s3", "mb", "s3://harbour-papers")
    (harbour.folder / "pirates.txt").write_text(f"198.51.100.9\n{PIRATE}\n")
    harbour.text("s3", "cp", "pirates.txt", "s3://harbour-papers/lists/pirates.txt")
    said = harbour.text(
        "cloudformation", "deploy", "--stack-name", STACK, "--template-file", str(TEMPLATE),
        "--s3-bucket", "harbour-papers", "--s3-prefix", "templates", "--tags", "harbour=north",
        "--capabilities", "CAPABILITY_IAM", "--parameter-overrides", "WatchEmail=watch@example.com",
        "SshFrom=198.18.0.0/15", "Blocklist=s3://harbour-papers/lists/pirates.txt",
    )  # fmt: skip
    assert f"Successfully created/updated stack - {STACK}" in said
    assert ".template" in harbour.text("s3", "ls", "s3://harbour-papers/templates/")
    (stack,) = harbour.json("cloudformation", "describe-stacks", "--stack-name", STACK)["Stacks"]
    found = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    assert found["Size"] == "little"
    return found


@pytest.fixture(scope="module")
def bastion(harbour: Harbour, outputs: dict[str, str]) -> str:
    harbour.text("ec2", "wait", "instance-status-ok", "--instance-ids", outputs["Bastion"])
    return outputs["Bastion"]


@dataclass(frozen=True)
class Incident:
    """What happened: who was called by which server, and when it began."""

    server: str
    private_address: str
    began: datetime


@pytest.fixture(scope="module")
def incident(harbour: Harbour, bastion: str) -> Incident:
    """Someone logs in, looks around, calls the pirates; the watch stops the server."""
    began = datetime.now(UTC)
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key"],  # noqa: S607
        cwd=harbour.folder, check=True,
    )  # fmt: skip
    pushed = harbour.json(
        "ec2-instance-connect", "send-ssh-public-key", "--instance-id", bastion,
        "--instance-os-user", "ec2-user", "--ssh-public-key", "file://key.pub",
    )  # fmt: skip
    assert pushed["Success"] is True
    host, port = harbour.aws.ssh_endpoint.split(":")
    options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
    session = subprocess.run(  # noqa: S603 - words of our own
        ["ssh", "-tt", "-F", "none", "-i", "key", "-p", port,  # noqa: S607
         *(word for option in options for word in ("-o", option)), f"ec2-user@{host}"],
        cwd=harbour.folder, input="".join(f"{line}\n" for line in TYPED), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert session.returncode == 0, session.stderr
    assert "[ec2-user@ip-172-20-3-" in session.stdout
    (reservation,) = harbour.json("ec2", "describe-instances", "--instance-ids", bastion)[
        "Reservations"
    ]
    harbour.text("iam", "list-roles")
    harbour.text("ec2", "stop-instances", "--instance-ids", bastion)
    harbour.text("ec2", "wait", "instance-stopped", "--instance-ids", bastion)
    return Incident(bastion, reservation["Instances"][0]["PrivateIpAddress"], began)


def test_the_watch_is_told_by_mail_which_server_it_was(
    harbour: Harbour, incident: Incident
) -> None:
    mails = [mail for mail in inbox(harbour.aws) if "man the boats" in json.dumps(mail)]
    assert mails
    kind = "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom"
    assert f"{kind} by {incident.server}, man the boats" in json.dumps(mails[0])
    assert "watch@example.com" in json.dumps(mails[0])


def test_the_command_is_in_the_logs_as_the_hook_wrote_it(
    harbour: Harbour, incident: Incident
) -> None:
    groups = harbour.json("logs", "describe-log-groups", "--log-group-name-prefix", "/harbour")
    assert [group["logGroupName"] for group in groups["logGroups"]] == ["/harbour/shell"]
    streams = harbour.json("logs", "describe-log-streams", "--log-group-name", "/harbour/shell")
    address = incident.private_address.replace(".", "-")
    assert [s["logStreamName"].partition(".")[0] for s in streams["logStreams"]] == [
        f"ip-{address}"
    ]

    found = harbour.json(
        "logs",
        "filter-log-events",
        "--log-group-name",
        "/harbour/shell",
        "--filter-pattern",
        "curl",
    )["events"]
    (line,) = [event["message"] for event in found]
    wrote, _, said = line.partition("]: ")
    assert re.fullmatch(r"\S+ ip-[\d-]+ sh/ec2-user\[\d+", wrote)
    assert said == f"who=ec2-user cwd=/tmp cmd={COMMAND}"
    stamp = datetime.fromisoformat(line.split()[0])
    assert abs(stamp - incident.began) < timedelta(minutes=2)
    assert abs(found[0]["timestamp"] / 1000 - stamp.timestamp()) < 1

    stream = streams["logStreams"][0]["logStreamName"]
    events = harbour.json(
        "logs", "get-log-events", "--log-group-name", "/harbour/shell", "--log-stream-name", stream,
        "--start-from-head",
    )["events"]  # fmt: skip
    assert "gatehouse is up" in events[0]["message"]
    typed = [event["message"].rpartition("cmd=")[2] for event in events]
    assert [word for word in typed if word in TYPED] == TYPED


def test_the_command_line_follows_the_log(harbour: Harbour, incident: Incident) -> None:
    if not harbour.text("--version").startswith("aws-cli/2"):
        pytest.skip("aws logs tail came with version 2 of the AWS CLI")
    assert incident
    tail = harbour.text("logs", "tail", "/harbour/shell", "--since", "1h", "--format", "short")
    typed = [line.rpartition("cmd=")[2] for line in tail.splitlines()]
    assert [word for word in typed if word in TYPED] == TYPED


def test_the_traffic_tells_whom_it_called_and_who_was_there(
    harbour: Harbour, incident: Incident
) -> None:
    found = harbour.json(
        "logs", "filter-log-events", "--log-group-name", "harbour-traffic",
        "--filter-pattern", f'"{PIRATE}"',
    )["events"]  # fmt: skip
    lines = [event["message"].split() for event in found]
    assert {line[3] for line in lines} == {incident.server}
    assert {(line[4], line[5], line[16]) for line in lines} == {
        (incident.private_address, PIRATE, "egress"),
        (PIRATE, incident.private_address, "ingress"),
    }

    reader = FlowLogsReader(
        "harbour-traffic",
        fields=None,  # as the flow log's own format names them
        start_time=(incident.began - timedelta(minutes=5)).replace(tzinfo=None),
        end_time=(datetime.now(UTC) + timedelta(minutes=5)).replace(tzinfo=None),
        raise_on_error=True,
        boto_client=harbour.client("logs"),
        ec2_client=harbour.client("ec2"),
    )
    records = [record for record in reader if record.log_status == "OK"]
    assert reader.skipped_records == 0
    called = [r for r in records if r.dstaddr == PIRATE]
    assert [(r.dstport, r.protocol, r.action) for r in called] == [(80, 6, "ACCEPT")]
    visitors = {r.srcaddr for r in records if r.dstport == 22 and r.action == "ACCEPT"}
    pages = harbour.json(
        "cloudtrail", "lookup-events", "--lookup-attributes",
        "AttributeKey=EventName,AttributeValue=SendSSHPublicKey",
    )["Events"]  # fmt: skip
    pushed_from = {json.loads(event["CloudTrailEvent"])["sourceIPAddress"] for event in pages}
    assert visitors == pushed_from


def test_the_history_of_the_server_has_its_life(harbour: Harbour, incident: Incident) -> None:
    events = harbour.json(
        "cloudtrail", "lookup-events", "--lookup-attributes",
        f"AttributeKey=ResourceName,AttributeValue={incident.server}",
    )["Events"]  # fmt: skip
    names = [event["EventName"] for event in events]
    assert names.index("StopInstances") < names.index("RunInstances")
    run = json.loads(events[names.index("RunInstances")]["CloudTrailEvent"])
    assert run["sourceIPAddress"] == "cloudformation.amazonaws.com"
    assert run["userIdentity"]["invokedBy"] == "cloudformation.amazonaws.com"


@pytest.fixture(scope="module")
def book(harbour: Harbour, outputs: dict[str, str], incident: Incident) -> list[dict[str, Any]]:
    """The records in the trail's bucket, brought home with ``aws s3 sync``."""
    assert incident
    ledger = f"s3://{outputs['Ledger']}"
    listed = harbour.text("s3", "ls", "--recursive", f"{ledger}/book/")
    assert f"CloudTrail/{REGION}/" in listed
    assert "CloudTrail/us-east-1/" in listed, "a trail of every Region keeps IAM's calls there"
    harbour.text("s3", "sync", ledger, "ledger", "--only-show-errors")
    files = sorted((harbour.folder / "ledger").rglob("*CloudTrail_*.json.gz"))
    assert len(files) == len([line for line in listed.splitlines() if line.endswith(".json.gz")])
    return [
        record
        for path in files
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]
    ]


def test_the_trail_brings_every_call_home(book: list[dict[str, Any]], incident: Incident) -> None:
    stops = [record for record in book if record["eventName"] == "StopInstances"]
    (item,) = stops[-1]["requestParameters"]["instancesSet"]["items"]
    assert item["instanceId"] == incident.server
    ids = [record["eventID"] for record in book]
    assert len(ids) == len(set(ids))
    names = {(record["eventName"], record["awsRegion"]) for record in book}
    assert {("SendSSHPublicKey", REGION), ("ListRoles", "us-east-1")} <= names


def test_a_table_made_through_glue_answers_who_stopped_it(
    harbour: Harbour, outputs: dict[str, str], incident: Incident, book: list[dict[str, Any]]
) -> None:
    assert book
    identity = "struct<type:string,arn:string,username:string,invokedby:string>"
    resources = "array<struct<arn:string,accountid:string,type:string>>"
    columns = {
        "eventtime": "string", "eventsource": "string", "eventname": "string",
        "sourceipaddress": "string", "useridentity": identity, "requestparameters": "string",
        "resources": resources,
    }  # fmt: skip
    account = harbour.json("sts", "get-caller-identity")["Account"]
    table = {
        "Name": "calls",
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind} for name, kind in columns.items()],
            "Location": f"s3://{outputs['Ledger']}/book/AWSLogs/{account}/CloudTrail/",
            "InputFormat": "com.amazon.emr.cloudtrail.CloudTrailInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hive.hcatalog.data.JsonSerDe"},
        },
    }
    (harbour.folder / "table.json").write_text(json.dumps(table))
    harbour.text("glue", "create-database", "--database-input", "Name=harbour_book")
    harbour.text(
        "glue",
        "create-table",
        "--database-name",
        "harbour_book",
        "--table-input",
        "file://table.json",
    )
    rows = query(
        harbour,
        "SELECT eventname, useridentity.type, sourceipaddress FROM calls "  # noqa: S608 - an id of AWS's
        "WHERE eventsource = 'ec2.amazonaws.com' AND eventname LIKE '%Instances' "
        f"AND requestparameters LIKE '%{incident.server}%' ORDER BY eventtime DESC",
    )
    assert rows[0] == ["eventname", "type", "sourceipaddress"]
    assert ["StopInstances", "IAMUser"] in [row[:2] for row in rows[1:]]


def query(harbour: Harbour, sql: str) -> list[list[str]]:
    """The rows that Athena answers, its header first."""
    execution = harbour.json(
        "athena", "start-query-execution", "--query-string", sql,
        "--query-execution-context", "Database=harbour_book",
        "--result-configuration", "OutputLocation=s3://harbour-papers/answers/",
    )["QueryExecutionId"]  # fmt: skip
    for _ in range(60):
        status = harbour.json("athena", "get-query-execution", "--query-execution-id", execution)
        state = status["QueryExecution"]["Status"]
        if state["State"] not in {"QUEUED", "RUNNING"}:
            break
        time.sleep(0.5)
    assert state["State"] == "SUCCEEDED", state
    csv = harbour.text("s3", "cp", f"s3://harbour-papers/answers/{execution}.csv", "-")
    assert csv.startswith('"eventname"')
    results = harbour.json("athena", "get-query-results", "--query-execution-id", execution)
    return [
        [cell.get("VarCharValue", "") for cell in r["Data"]] for r in results["ResultSet"]["Rows"]
    ]


def test_tags_find_what_was_made(harbour: Harbour, outputs: dict[str, str]) -> None:
    found = harbour.json(
        "resourcegroupstaggingapi", "get-resources", "--tag-filters", "Key=harbour,Values=north"
    )["ResourceTagMappingList"]
    arns = {item["ResourceARN"] for item in found}
    kinds = {arn.split(":")[2] for arn in arns}
    assert kinds >= {"ec2", "s3", "guardduty", "cloudtrail", "events", "sns", "logs", "ssm", "cloudformation"}  # fmt: skip
    assert f"arn:aws:s3:::{outputs['Ledger']}" in arns


def test_all_of_it_goes_once_the_bucket_is_empty(
    harbour: Harbour, outputs: dict[str, str], book: list[dict[str, Any]]
) -> None:
    assert book
    trail = harbour.json("cloudtrail", "describe-trails")["trailList"][0]["TrailARN"]
    harbour.text("cloudtrail", "stop-logging", "--name", trail)
    harbour.text("cloudformation", "delete-stack", "--stack-name", STACK)
    cloudformation = harbour.client("cloudformation")
    with pytest.raises(WaiterError):
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK)
    (failed,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    assert failed["StackStatus"] == "DELETE_FAILED"
    assert "Ledger" in failed["StackStatusReason"]

    harbour.text("s3", "rm", "--recursive", "--only-show-errors", f"s3://{outputs['Ledger']}")
    harbour.text("cloudformation", "delete-stack", "--stack-name", STACK)
    harbour.text("cloudformation", "wait", "stack-delete-complete", "--stack-name", STACK)
    left = harbour.json(
        "resourcegroupstaggingapi", "get-resources", "--tag-filters", "Key=harbour,Values=north"
    )["ResourceTagMappingList"]
    kinds = {item["ResourceARN"].split(":")[5].partition("/")[0] for item in left}
    assert kinds <= {"instance"}, "a terminated server is shown for a while"
