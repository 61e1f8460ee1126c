"""Several seats in the caller's own account, with runs by both access methods and repeated runs."""

from __future__ import annotations

from typing import Any

import pytest

from .accounts import everything
from .desk import Desk, Server

# IDs with the same beginning or end: labkit must not confuse what belongs to each.
SEATS = ("ada", "ada-b", "x-ada")
WORKSHOP = """\
[workshop]
name = "acme"
scenario = "malicious_callout"
region = "eu-west-1"
ttl = "8h"
[scenario]
servers = 2
threat_addresses = ["209.85.202.94", "203.0.115.17"]
""" + "".join(f'[[seat]]\nid = "{seat}"\n' for seat in SEATS)
Row = dict[str, Any]


@pytest.fixture(scope="module")
def before(instructor: Desk) -> dict[str, list[str]]:
    (instructor.folder / "workshop.toml").write_text(WORKSHOP)
    return everything(instructor)


@pytest.fixture(scope="module")
def labs(instructor: Desk, before: Any) -> dict[str, Row]:
    assert before
    rows: list[Row] = instructor.json("up", "--yes")["seats"]
    assert [row["state"] for row in rows] == ["ready"] * len(SEATS), rows
    return {row["seat"]: row["lab"] for row in rows}


@pytest.fixture(scope="module")
def ada(server: Server, instructor: Desk, labs: Any) -> Desk:
    assert labs
    environment = server.environment("--role", "labkit-acme-ada-attendee")
    return Desk(instructor.folder, {**environment, "LABKIT_SEAT": "ada"})


def simulate(desk: Desk, *options: str) -> dict[str, Row]:
    rows = desk.json("simulate", "--yes", *options)["seats"]
    assert {row["state"] for row in rows} == {"incident"}, rows
    return {row["seat"]: row["incident"] for row in rows}


def outcomes(desk: Desk, code: int = 1) -> dict[str, str]:
    return {v["task"]: v["outcome"] for v in desk.json("check", code=code)["verdicts"]}


def test_seats_of_one_account_share_what_is_once_and_have_the_rest_for_themselves(
    labs: dict[str, Row],
) -> None:
    shared = ("trail_name", "trail_bucket", "detector_id", "threat_list_id", "athena_database")
    own = ("flow_log_group", "topic_arn", "athena_workgroup", "attendee_role_arn")
    assert all(len({lab[key] for lab in labs.values()}) == 1 for key in shared)
    assert all(len({lab[key] for lab in labs.values()}) == len(SEATS) for key in own)


def test_runs_repeat_and_what_was_right_stays_right(instructor: Desk, ada: Desk) -> None:
    first = simulate(instructor, "--seat", "ada", "--seat", "ada-b")
    assert set(first) == {"ada", "ada-b"}
    told = first["ada"]
    ada.run("answer", "instance", told["instance_id"])
    ada.run("answer", "command", told["command"])
    ada.run("answer", "trail_query", told["operator_session"], told["operator_address"])
    passed = {"instance": "passed", "command": "passed"}
    graded = outcomes(ada)
    assert {task: graded[task] for task in passed} == passed

    again = simulate(instructor, "--seat", "ada", "--from", told["operator_address"])["ada"]
    assert again["command"] != told["command"]
    assert again["operator_address"] == told["operator_address"]
    graded = outcomes(ada)
    assert {task: graded[task] for task in passed} == passed
    ada.run("answer", "command", again["command"])
    assert outcomes(ada)["command"] == "passed"


def test_a_wrong_from_opens_the_door_for_nobody_and_says_so(instructor: Desk, ada: Desk) -> None:
    assert ada
    wrong = ("simulate", "--yes", "--seat", "ada-b", "--from")
    assert "--from ADDRESS" in instructor.run(*wrong, "198.51.100.7", code=1).out
    assert "isn't an IPv4 address" in instructor.run(*wrong, "::1", code=2).err
    groups = instructor.client("ec2").describe_security_groups()["SecurityGroups"]
    assert not [rule for g in groups if g["GroupName"] != "default" for rule in g["IpPermissions"]]


def test_who_has_had_an_incident_gets_none_unasked(instructor: Desk, ada: Desk) -> None:
    assert ada
    rest = simulate(instructor, "--via", "ssm")
    assert set(rest) == {"x-ada"}
    assert rest["x-ada"]["via"] == "ssm"
    assert rest["x-ada"]["operator_address"] is None


def test_by_systems_manager_nobody_connects_and_nobody_is_asked_who(
    server: Server, instructor: Desk, labs: dict[str, Row]
) -> None:
    assert labs
    environment = server.environment("--role", "labkit-acme-x-ada-attendee")
    desk = Desk(instructor.folder, {**environment, "LABKIT_SEAT": "x-ada"})
    graded = outcomes(desk)
    assert "operator_address" not in graded
    assert "trail_query" in graded
    text = instructor.run("grade", code=1).out
    assert "n/a" in text


def test_another_seat_of_the_account_is_out_of_reach(ada: Desk) -> None:
    for verb in (("answer", "command", "x"), ("hint", "command"), ("check",)):
        said = ada.run(*verb, "--seat", "ada-b", code=3)
        assert "AWS refused this" in said.err, said
        assert len(said.err.splitlines()) == 2


def test_down_of_one_seat_leaves_what_the_others_stand_on(
    instructor: Desk, labs: dict[str, Row]
) -> None:
    (row,) = instructor.json("down", "--yes", "--seat", "ada")["seats"]
    assert (row["state"], row["leftovers"]) == ("absent", []), row
    there = everything(instructor)
    assert {"labkit-acme-evidence", "labkit-acme-threat-list"} <= set(there["stacks"])
    assert {"labkit-acme-seat-ada-b", "labkit-acme-seat-x-ada"} <= set(there["stacks"])
    assert "labkit-acme-seat-ada" not in there["stacks"]
    assert labs["ada-b"]["detector_id"] in there["detectors"]
    assert not [name for name in there["parameters"] if name.startswith("/labkit/acme/ada/")]
    assert [name for name in there["parameters"] if name.startswith("/labkit/acme/ada-b/")]
    states = {row["seat"]: row for row in instructor.json("status")["seats"]}
    assert states["ada-b"]["state"] == "incident"
    assert states["ada"]["state"] == "absent"
    assert "labkit-acme-evidence" in states["ada"]["detail"]


def test_plans_name_account_and_seat_of_each_step(instructor: Desk, labs: dict[str, Row]) -> None:
    account = instructor.client("sts").get_caller_identity()["Account"]
    up = instructor.json("up", "--dry-run")["plan"]
    assert [(step["account"], step["seat"]) for step in up] == [(account, "ada")]
    assert instructor.run("up", "--dry-run").out.split()[:2] == [account, "ada"]
    (stop,) = [s for s in instructor.json("simulate", "--dry-run", "--seat", "ada-b")["plan"] if s["action"] == "stop"]  # fmt: skip
    assert (stop["account"], stop["seat"]) == (account, "ada-b")
    down = instructor.json("down", "--dry-run")["plan"]
    whose = {(step["kind"], step["id"]): step["seat"] for step in down}
    assert {step["account"] for step in down} == {account}
    assert whose["stack", "labkit-acme-seat-x-ada"] == "x-ada"
    assert whose["bucket", labs["x-ada"]["trail_bucket"]] is None
    shared = f"{account}  -      empty bucket {labs['x-ada']['trail_bucket']} (stack labkit-acme-evidence)\n"
    assert shared in instructor.run("down", "--dry-run").out


def test_a_security_group_of_an_attendee_goes_with_the_lab(
    instructor: Desk, labs: dict[str, Row]
) -> None:
    """It's on a server, so it can't go before the server, and the network can't go before it."""
    ec2 = instructor.client("ec2")
    server = labs["ada-b"]["instances"][0]["instance_id"]
    (found,) = ec2.describe_instances(InstanceIds=[server])["Reservations"]
    vpc = found["Instances"][0]["VpcId"]
    mine = ec2.create_security_group(GroupName="mine", Description="x", VpcId=vpc)["GroupId"]
    plan = instructor.json("down", "--dry-run", "--seat", "ada-b")["plan"]
    (entry,) = [step for step in plan if step["id"] == mine]
    assert (entry["action"], entry["kind"]) == ("delete", "security group")
    assert f"inside VPC {vpc} (stack labkit-acme-seat-ada-b)" in entry["reason"]
    (row,) = instructor.json("down", "--yes", "--seat", "ada-b")["seats"]
    assert (row["state"], row["leftovers"]) == ("absent", []), row


def test_the_last_ones_take_all_along(instructor: Desk, before: dict[str, list[str]]) -> None:
    rows = instructor.json("down", "--yes")["seats"]
    assert [(row["state"], row["leftovers"]) for row in rows] == [("absent", [])] * len(SEATS)
    left = everything(instructor)
    left["roles"] = [role for role in left["roles"] if not role.startswith("AWSServiceRoleFor")]
    assert left == before
