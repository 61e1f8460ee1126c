"""A workshop with three seats from start to end, each command in a separate process.

The tests run in order, and each one continues where the one before stopped.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from botocore.exceptions import ClientError

from .accounts import everything
from .conftest import attendee
from .desk import Desk, Server, seats_of

SEATS = ("seat-1", "seat-2", "seat-3")
TASKS = ("instance", "command", "callout_address", "operator_address", "api_events", "trail_query")
LAB_KEYS = {
    "instances", "trail_name", "trail_bucket", "trail_log_group", "flow_log_group", "detector_id",
    "threat_list_id", "topic_arn", "athena_workgroup", "athena_database", "athena_table",
    "attendee_role_arn", "operator_role_arn", "responder_role_arn", "grader_role_arn",
}  # fmt: skip
INCIDENT_KEYS = {
    "instance_id", "command", "callout_address", "operator_address", "operator_session", "via",
    "started_at", "finished_at",
}  # fmt: skip
VERDICT_KEYS = {"task", "outcome", "message", "points", "max_points", "attempts", "hints_used"}
Seats = dict[str, dict[str, Any]]
SHARED_STACKS = {
    f"labkit-acme-{part}" for part in ("expiry", "detector", "evidence", "threat-list")
}
# What AWS creates in an account that uses services such as GuardDuty, and doesn't remove.
SERVICE_ROLE = "AWSServiceRoleFor"


@pytest.fixture(scope="module")
def accounts(server: Server, instructor: Desk) -> dict[str, Desk]:
    """An administrator in each seat's account."""
    instructor.run("init", "--local", "--seats", "3", "acme")
    text = (instructor.folder / "workshop.toml").read_text()
    ids = re.findall(r'account = "(\d{12})"', text)
    assert len(set(ids)) == len(SEATS)
    return {
        seat: Desk(instructor.folder, server.environment("--account", account))
        for seat, account in zip(SEATS, ids, strict=True)
    }


@pytest.fixture(scope="module")
def before(accounts: dict[str, Desk]) -> dict[str, dict[str, list[str]]]:
    return {seat: everything(desk) for seat, desk in accounts.items()}


@pytest.fixture(scope="module")
def labs(instructor: Desk, before: dict[str, Any]) -> Seats:
    assert before
    planned = instructor.json("up", "--dry-run")
    assert instructor.json("up", "--dry-run") == planned, "a plan changes nothing"
    made = instructor.json("up", "--yes")
    assert made["workshop"] == planned["workshop"] == "acme"
    assert planned["plan"]
    assert all(set(step) >= {"seat", "action", "kind", "id"} for step in planned["plan"])
    wanted = {step["id"] for step in planned["plan"] if step["kind"] == "stack"}
    assert wanted == SHARED_STACKS | {f"labkit-acme-seat-{seat}" for seat in SEATS}
    return {row["seat"]: row for row in made["seats"]}


@pytest.fixture(scope="module")
def incidents(instructor: Desk, labs: Seats) -> Seats:
    planned = instructor.json("simulate", "--dry-run")["plan"]
    assert {step["seat"] for step in planned} == set(labs)
    assert seats_of(instructor)["seat-1"]["state"] == "ready", "a plan changes nothing"
    return {row["seat"]: row for row in instructor.json("simulate", "--yes")["seats"]}


@pytest.fixture(scope="module")
def attendees(server: Server, instructor: Desk, incidents: Seats) -> dict[str, Desk]:
    return {
        seat: attendee(server, instructor, "acme", seat, incidents[seat]["account"])
        for seat in SEATS
    }


def test_up_makes_what_the_plan_says_and_tells_of_each_lab(
    accounts: dict[str, Desk], labs: Seats
) -> None:
    assert list(labs) == list(SEATS)
    for seat, row in labs.items():
        assert set(row) >= {"seat", "account", "state", "detail", "lab"}
        assert row["state"] == "ready", row
        assert set(row["lab"]) >= LAB_KEYS
        assert all(row["lab"][key] for key in LAB_KEYS)
        for server in row["lab"]["instances"]:
            assert set(server) >= {
                "instance_id",
                "interface_id",
                "private_address",
                "public_address",
            }
        found = accounts[seat].client("cloudformation").describe_stacks()["Stacks"]
        stacks = [stack["StackName"] for stack in found]
        assert set(stacks) == {
            *SHARED_STACKS, f"labkit-acme-seat-{seat}",
        }  # fmt: skip


def test_up_again_keeps_what_is_there(
    instructor: Desk, accounts: dict[str, Desk], labs: Seats
) -> None:
    found = everything(accounts["seat-1"])
    assert instructor.run("up", "--dry-run").out == "Nothing to do.\n"
    assert {row["seat"]: row for row in instructor.json("up", "--yes")["seats"]} == labs
    assert everything(accounts["seat-1"]) == found


def test_simulate_tells_the_instructor_what_happened(incidents: Seats, labs: Seats) -> None:
    assert list(incidents) == list(SEATS)
    for seat, row in incidents.items():
        assert row["state"] == "incident", row
        told = row["incident"]
        assert set(told) >= INCIDENT_KEYS
        assert all(told[key] for key in INCIDENT_KEYS)
        assert told["callout_address"] in told["command"]
        assert told["instance_id"] in {s["instance_id"] for s in labs[seat]["lab"]["instances"]}
    assert len({row["incident"]["operator_session"] for row in incidents.values()}) == len(SEATS)
    assert len({row["incident"]["command"] for row in incidents.values()}) == len(SEATS)


def test_simulate_again_takes_no_seat_that_has_had_its_incident(
    instructor: Desk, incidents: Seats
) -> None:
    assert incidents
    said = instructor.run("simulate", "--yes", "--json")
    assert said.json["seats"] == []
    assert "--seat" in said.err


def test_no_door_is_left_open(accounts: dict[str, Desk], incidents: Seats) -> None:
    assert incidents
    assert {seat: open_doors(desk) for seat, desk in accounts.items()} == {
        seat: [] for seat in SEATS
    }


def open_doors(desk: Desk) -> list[Any]:
    groups = desk.client("ec2").describe_security_groups()["SecurityGroups"]
    return [rule for g in groups if g["GroupName"] != "default" for rule in g["IpPermissions"]]


def test_each_attendee_is_handed_what_they_need_and_nothing_of_others(
    instructor: Desk, attendees: dict[str, Desk], incidents: Seats, tmp_path: Path
) -> None:
    wheel = tmp_path / "labkit_aws-0.0.1-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    instructor.run("handout", "--out", str(tmp_path / "all"), "--wheel", str(wheel))
    folders = {folder.name: folder for folder in (tmp_path / "all").iterdir()}
    assert set(folders) == set(SEATS)
    for seat, folder in folders.items():
        texts = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
        assert texts.pop(wheel.name) == "a wheel"
        assert set(texts) == {"workshop.toml", "handout.md"}
        assert f"pip install {wheel.name}" in texts["handout.md"]
        for other in set(SEATS) - {seat}:
            for secret in (other, incidents[other]["account"]):
                assert secret not in "".join(texts.values())
        assert "@" not in texts["workshop.toml"]
        assert incidents[seat]["incident"]["instance_id"] in texts["handout.md"]
        # With only that file, and without saying which seat is theirs:
        own = {k: v for k, v in attendees[seat].environment.items() if k != "LABKIT_SEAT"}
        assert Desk(folder, own).json("check", code=1)["seat"] == seat


def test_attendees_see_no_more_than_their_own_state(attendees: dict[str, Desk]) -> None:
    graded = attendees["seat-1"].json("check", code=1)
    assert set(graded) >= {"seat", "account", "score", "max_score", "verdicts"}
    assert graded["seat"] == "seat-1"
    assert [verdict["task"] for verdict in graded["verdicts"]] == list(TASKS)
    assert {verdict["outcome"] for verdict in graded["verdicts"]} == {"unanswered"}
    assert all(set(verdict) >= VERDICT_KEYS for verdict in graded["verdicts"])


def test_the_right_answers_pass_however_they_are_typed(
    attendees: dict[str, Desk], incidents: Seats
) -> None:
    desk, told = attendees["seat-1"], incidents["seat-1"]["incident"]
    desk.run("answer", "instance", told["instance_id"].upper())
    line = next(
        event["message"]
        for event in desk.client("logs").filter_log_events(
            logGroupName=f"{told['instance_id']}-commands-log",
            filterPattern=f'"{told["callout_address"]}"',
        )["events"]
    )
    assert told["command"] in line
    desk.run("answer", "command", typed=f"{line}\n")
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in told["callout_address"])
    desk.run("answer", "callout_address", f"\u201c{wide}\u201d")
    desk.run("answer", "operator_address", f"\u00a0{told['operator_address']}\u200b:22")
    desk.run("answer", "api_events", typed="RunInstances\n\nstopinstances\n")
    desk.run("answer", "trail_query", told["operator_session"], told["operator_address"])
    graded = desk.json("check")
    assert {v["task"]: v["outcome"] for v in graded["verdicts"]} == dict.fromkeys(TASKS, "passed")
    assert graded["score"] == graded["max_score"]


def test_quotes_and_dashes_of_word_processors_do_not_matter(
    attendees: dict[str, Desk], incidents: Seats
) -> None:
    desk = attendees["seat-3"]
    command = incidents["seat-3"]["incident"]["command"].replace("-s -m", "\u2013s\u00a0\u2014m")
    for typed, outcome in ((f"sudo {command}", "wrong"), (f"\u201c{command}\u201d", "passed")):
        desk.run("answer", "command", typed)
        graded = {v["task"]: v for v in desk.json("check", code=1)["verdicts"]}
        assert graded["command"]["outcome"] == outcome, typed
    assert graded["command"]["attempts"] == 2


ATTACKS = {
    "formula": "=cmd|'/c calc'!A1",
    "plus": "+1+1",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "shell": "$(touch pwned) `touch pwned` ; touch pwned | sh && rm -rf .",
    "escape": "\x1b]0;owned\x07\x1b[2J\x1b[31mred\u009b31m",
    "rich": "[bold red]x[/bold red] [link=http://evil.example]here[/link]",
    "controls": "a\x01b\x08c\x7f\x85\u202egnp.exe\r\nTASK passed",
    "python": "__import__('os').system('touch pwned') %s {0.__class__}",
    "long": "a" * 4000,
}


def test_attacks_as_answers_are_stored_and_never_obeyed(attendees: dict[str, Desk]) -> None:
    desk = attendees["seat-2"]
    attacks = list(ATTACKS.items())
    for three in (attacks[0:3], attacks[3:6], attacks[6:9]):
        for task, (name, value) in zip(
            ("command", "trail_query", "api_events"), three, strict=True
        ):
            words = (value, "192.0.2.7") if task == "trail_query" else (value,)
            said = desk.run("answer", task, "--", *words)
            assert said.out.startswith("Submitted"), name
            assert harmless(said.out + said.err), name
            stored = desk.client("ssm").get_parameter(Name=f"/labkit/acme/seat-2/answers/{task}")
            assert json.loads(stored["Parameter"]["Value"]) == list(words)
        said = desk.run("check", code=1)
        assert harmless(said.out + said.err), three
        assert "score 0/" in said.out
    assert not list(desk.folder.rglob("pwned"))


def harmless(text: str) -> bool:
    """Whether a terminal would only print the text."""
    return all(character == "\n" or character.isprintable() for character in text)


def test_too_long_and_unstorable_answers_are_refused_clearly(attendees: dict[str, Desk]) -> None:
    desk = attendees["seat-2"]
    for value, named in (
        ("x" * 4096, "4096"),
        ("{{ssm:secret}}", "{{"),
        ("\ufeff \u200b", "empty"),
    ):
        said = desk.run("answer", "command", value, code=2)
        assert named in said.err
        assert len(said.err.splitlines()) == 2
    assert "task" in desk.run("answer", "comand", "x", code=2).err
    assert "command" in desk.run("answer", "comand", "x", code=2).err


def test_hints_come_one_by_one_and_are_counted(attendees: dict[str, Desk]) -> None:
    desk = attendees["seat-2"]
    assert desk.run("hint", "instance").out.startswith("1 of ")
    verdicts = {v["task"]: v for v in desk.json("check", code=1)["verdicts"]}
    assert verdicts["instance"]["hints_used"] == 1
    assert verdicts["command"]["hints_used"] == 0


def test_grade_writes_reports_in_which_nothing_acts(
    instructor: Desk, attendees: dict[str, Desk], tmp_path: Path
) -> None:
    desk = attendees["seat-2"]
    desk.run("answer", "api_events", "--", "x<img src=y onerror=alert(1)>z", "=cmd|'/c calc'!A1")
    desk.run("answer", "command", "--", ATTACKS["escape"])
    said = instructor.run("grade", "--json", "--out", str(tmp_path), code=1)
    grades = said.json
    assert set(grades) >= {"workshop", "scenario", "graded_at", "seats"}
    assert [seat["seat"] for seat in grades["seats"]] == list(SEATS)
    assert [seat["score"] == seat["max_score"] for seat in grades["seats"]] == [True, False, False]
    assert harmless(said.out)
    assert json.loads((tmp_path / "grades.json").read_text()) == grades
    text = (tmp_path / "grades.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert [row[0] for row in rows[1:]] == list(SEATS)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    suites = ET.parse(tmp_path / "junit.xml").getroot()
    assert [suite.get("name") for suite in suites] == list(SEATS)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<img" not in page
    assert "x&lt;img" in page
    table = instructor.run("grade", code=1)
    assert harmless(table.out)


def test_what_the_exercise_forbids_is_refused(
    attendees: dict[str, Desk], labs: Seats, incidents: Seats
) -> None:
    desk, lab = attendees["seat-1"], labs["seat-1"]["lab"]
    server = incidents["seat-1"]["incident"]["instance_id"]
    other = labs["seat-2"]
    forbidden: list[tuple[str, str, dict[str, Any]]] = [
        ("cloudtrail", "stop_logging", {"Name": lab["trail_name"]}),
        ("cloudtrail", "delete_trail", {"Name": lab["trail_name"]}),
        ("ec2", "terminate_instances", {"InstanceIds": [server]}),
        ("ec2", "start_instances", {"InstanceIds": [server]}),
        ("ec2-instance-connect", "send_ssh_public_key", {
            "InstanceId": server, "InstanceOSUser": "ec2-user", "SSHPublicKey": "ssh-ed25519 " + "A" * 68,
        }),
        ("ssm", "send_command", {
            "InstanceIds": [server], "DocumentName": "AWS-RunShellScript", "Parameters": {"commands": ["id"]},
        }),
        ("ssm", "get_parameter", {"Name": "/labkit/acme/seat-1/runs/1"}),
        ("ssm", "get_parameters_by_path", {"Path": "/labkit/acme/seat-1/runs"}),
        ("ssm", "put_parameter", {"Name": "/labkit/acme/seat-1/runs/1", "Value": "{}", "Type": "String", "Overwrite": True}),
        ("ssm", "put_parameter", {"Name": "/labkit/acme/seat-2/answers/command", "Value": "[]", "Type": "String"}),
        ("s3", "delete_object", {"Bucket": lab["trail_bucket"], "Key": "AWSLogs/x"}),
        ("s3", "put_object", {"Bucket": lab["trail_bucket"], "Key": "AWSLogs/x", "Body": b""}),
        ("s3", "list_objects_v2", {"Bucket": other["lab"]["trail_bucket"]}),
        ("logs", "delete_log_group", {"logGroupName": lab["flow_log_group"]}),
        ("guardduty", "archive_findings", {"DetectorId": lab["detector_id"], "FindingIds": ["a" * 32]}),
        ("cloudformation", "delete_stack", {"StackName": "labkit-acme-seat-seat-1"}),
        ("sts", "assume_role", {"RoleArn": lab["operator_role_arn"], "RoleSessionName": "me"}),
        ("sts", "assume_role", {"RoleArn": lab["grader_role_arn"], "RoleSessionName": "me"}),
        ("sts", "assume_role", {"RoleArn": other["lab"]["attendee_role_arn"], "RoleSessionName": "me"}),
        ("sts", "assume_role", {
            "RoleArn": f"arn:aws:iam::{other['account']}:role/OrganizationAccountAccessRole", "RoleSessionName": "me",
        }),
    ]  # fmt: skip
    allowed = [call for call in forbidden if not refused(desk, *call)]
    assert allowed == []
    for verb in (("simulate", "--yes"), ("down", "--yes", "--discard"), ("grade",)):
        said = desk.run(*verb, "--seat", "seat-1", code=None)
        assert said.code in {1, 3}, said
    assert other["account"] in desk.run("check", "--seat", "seat-2", code=3).err
    assert seats_of_state(labs) == {"ready"}


def seats_of_state(seats: Seats) -> set[str]:
    return {row["state"] for row in seats.values()}


def refused(desk: Desk, service: str, operation: str, parameters: dict[str, Any]) -> bool:
    """Whether a call is refused for lack of a permission, and for nothing else."""
    try:
        getattr(desk.client(service), operation)(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"] in {
            "AccessDenied", "AccessDeniedException", "UnauthorizedOperation",
        }  # fmt: skip
    return False


def test_the_exercise_can_be_done_with_the_aws_cli(
    attendees: dict[str, Desk], labs: Seats, incidents: Seats
) -> None:
    if shutil.which("aws") is None:
        pytest.skip("no aws on the PATH")
    desk, lab = attendees["seat-1"], labs["seat-1"]["lab"]
    told = incidents["seat-1"]["incident"]
    server = told["instance_id"]
    eni = next(s["interface_id"] for s in lab["instances"] if s["instance_id"] == server)

    typed = aws(desk, "logs", "filter-log-events", "--log-group-name", f"{server}-commands-log",
                "--filter-pattern", "curl")["events"]  # fmt: skip
    assert [told["command"] in event["message"] for event in typed] == [True]

    flows = aws(desk, "logs", "filter-log-events", "--log-group-name", lab["flow_log_group"],
                "--filter-pattern", f'"{told["callout_address"]}"')["events"]  # fmt: skip
    called = next(event for event in flows if event["message"].split()[2] == eni)
    assert called["message"].split()[6] == "80" or called["message"].split()[5] == "80"
    around = aws(desk, "logs", "get-log-events", "--log-group-name", lab["flow_log_group"],
                 "--log-stream-name", f"{eni}-all",
                 "--start-time", str(called["timestamp"] - 600_000))["events"]  # fmt: skip
    assert any(
        f" {told['operator_address']} " in event["message"] and " 22 " in event["message"]
        for event in around
    )

    events = aws(desk, "cloudtrail", "lookup-events", "--lookup-attributes",
                 f"AttributeKey=ResourceName,AttributeValue={server}")["Events"]  # fmt: skip
    assert {"RunInstances", "StopInstances"} <= {event["EventName"] for event in events}

    query = (
        f"SELECT useridentity.arn, sourceipaddress FROM {lab['athena_table']} "  # noqa: S608 - a test's own names
        f"WHERE eventname = 'SendSSHPublicKey' AND requestparameters LIKE '%{server}%'"
    )
    started = aws(desk, "athena", "start-query-execution", "--work-group", lab["athena_workgroup"],
                  "--query-execution-context", f"Database={lab['athena_database']}",
                  "--query-string", query)["QueryExecutionId"]  # fmt: skip
    rows = aws(desk, "athena", "get-query-results", "--query-execution-id", started)
    arn, address = [cell["VarCharValue"] for cell in rows["ResultSet"]["Rows"][1]["Data"]]
    assert arn.endswith(f"/{told['operator_session']}")
    assert address == told["operator_address"]


def aws(desk: Desk, *arguments: str) -> Any:
    done = subprocess.run(
        ["aws", *arguments, "--output", "json"],
        env={**desk.environment, "AWS_PAGER": ""}, capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (arguments, done.stderr)
    return json.loads(done.stdout)


def test_down_of_one_seat_leaves_the_others(
    instructor: Desk, accounts: dict[str, Desk], incidents: Seats
) -> None:
    assert incidents
    untouched = everything(accounts["seat-1"])
    planned = instructor.json("down", "--dry-run", "--seat", "seat-3")
    assert {(step["action"], step["kind"]) for step in planned["plan"]} >= {
        ("delete", "stack"), ("stop", "trail"), ("empty", "bucket"), ("delete", "parameter"),
    }  # fmt: skip
    (row,) = instructor.json("down", "--yes", "--seat", "seat-3")["seats"]
    assert set(row) >= {"seat", "account", "state", "detail", "leftovers", "goes_by_itself"}
    assert (row["seat"], row["state"], row["leftovers"]) == ("seat-3", "absent", [])
    assert {thing["kind"] for thing in row["goes_by_itself"]} == {"instance"}
    assert all(set(thing) >= {"kind", "id", "until"} for thing in row["goes_by_itself"])
    assert everything(accounts["seat-1"]) == untouched
    states = {seat: entry["state"] for seat, entry in seats_of(instructor).items()}
    assert states == {"seat-1": "incident", "seat-2": "incident", "seat-3": "absent"}
    assert seats_of(instructor)["seat-3"]["lab"] is None


def test_down_leaves_the_accounts_as_they_were_and_keeps_what_was_found(
    instructor: Desk,
    accounts: dict[str, Desk],
    before: dict[str, dict[str, list[str]]],
    incidents: Seats,
) -> None:
    assert incidents
    said = instructor.run("down", "--yes", "--json")
    assert {row["state"] for row in said.json["seats"]} == {"absent"}
    for seat, desk in accounts.items():
        left = everything(desk)
        left["roles"] = [role for role in left["roles"] if not role.startswith(SERVICE_ROLE)]
        assert left == before[seat]
    kept = max((instructor.folder / ".labkit" / "acme").iterdir())
    again = instructor.run("grade", "--evidence", str(kept / "evidence"), "--json", code=1).json
    by_seat = {seat["seat"]: seat for seat in again["seats"]}
    assert set(by_seat) == {"seat-1", "seat-2"}
    assert by_seat["seat-1"]["score"] == by_seat["seat-1"]["max_score"]


def test_down_where_nothing_is_does_nothing(instructor: Desk, before: dict[str, Any]) -> None:
    assert before
    assert instructor.json("down", "--dry-run")["plan"] == []
    rows = instructor.json("down", "--yes")["seats"]
    assert [(row["state"], row["leftovers"]) for row in rows] == [("absent", [])] * len(SEATS)
    assert seats_of_state(seats_of(instructor)) == {"absent"}
