"""Ctrl-C at any moment: labkit prints one line, exits with 130, and closes port 22; the same command can continue."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest

from .accounts import everything
from .desk import Desk, Server, seats_of

SEAT = "seat-1"


@pytest.fixture(scope="module")
def administrator(server: Server, instructor: Desk) -> Desk:
    instructor.run("init", "acme", "--local")
    account = seats_of(instructor)[SEAT]["account"]
    return Desk(instructor.folder, server.environment("--account", account))


@pytest.fixture(scope="module")
def before(administrator: Desk) -> dict[str, list[str]]:
    return everything(administrator)


def interrupt(desk: Desk, *arguments: str, after: float) -> tuple[int, str, str]:
    """Start a command and press Ctrl-C after ``after`` seconds, unless the command has ended by then."""
    process = desk.start(*arguments)
    deadline = time.monotonic() + after
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def ended_well(code: int, err: str) -> bool:
    last = (err.strip().splitlines() or [""])[-1]
    return "Traceback" not in err and (
        (code == 130 and last.startswith("labkit: interrupted")) or code == 0
    )


def rules(desk: Desk) -> list[Any]:
    groups = desk.client("ec2").describe_security_groups()["SecurityGroups"]
    return [rule for g in groups if g["GroupName"] != "default" for rule in g["IpPermissions"]]


def test_up_goes_on_after_ctrl_c(administrator: Desk, instructor: Desk, before: Any) -> None:
    assert before
    codes = []
    for after in (0.3, 0.7, 1.0, 1.4):
        code, _, err = interrupt(instructor, "up", "--yes", after=after)
        assert ended_well(code, err), (after, code, err)
        codes.append(code)
    assert 130 in codes
    assert [row["state"] for row in instructor.json("up", "--yes")["seats"]] == ["ready"]
    assert everything(administrator)["stacks"] == [
        "labkit-acme-detector", "labkit-acme-evidence", "labkit-acme-expiry", "labkit-acme-seat-seat-1",
        "labkit-acme-threat-list",
    ]  # fmt: skip


def test_simulate_closes_its_door_and_goes_on_after_ctrl_c(
    administrator: Desk, instructor: Desk, before: Any
) -> None:
    assert before
    codes = []
    for after in (0.4, 0.8, 1.0, 1.2, 1.4, 1.7):
        code, _, err = interrupt(instructor, "simulate", "--yes", "--seat", SEAT, after=after)
        assert ended_well(code, err), (after, code, err)
        assert rules(administrator) == [], after
        codes.append(code)
    assert 130 in codes
    (row,) = instructor.json("simulate", "--yes", "--seat", SEAT)["seats"]
    assert row["state"] == "incident", row
    runs = administrator.client("ssm").get_parameters_by_path(Path="/labkit/acme/seat-1/runs")
    numbers = sorted(int(run["Name"].rpartition("/")[2]) for run in runs["Parameters"])
    assert numbers == list(range(1, len(numbers) + 1))
    last = next(r for r in runs["Parameters"] if r["Name"].endswith(f"/{numbers[-1]}"))
    assert '"finished_at": "2' in last["Value"]


def test_a_door_that_a_killed_run_left_open_is_closed_by_the_next(
    administrator: Desk, instructor: Desk
) -> None:
    group = next(
        g["GroupId"]
        for g in administrator.client("ec2").describe_security_groups()["SecurityGroups"]
        if g["GroupName"] != "default"
    )
    administrator.client("ec2").authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="203.0.113.9/32"
    )
    instructor.run("simulate", "--yes", "--seat", SEAT)
    assert rules(administrator) == []


def test_down_goes_on_after_ctrl_c(administrator: Desk, instructor: Desk, before: Any) -> None:
    codes = []
    for after in (0.4, 1.0, 1.8, 2.4, 3.0):
        code, _, err = interrupt(instructor, "down", "--yes", after=after)
        assert ended_well(code, err), (after, code, err)
        codes.append(code)
    assert 130 in codes
    (row,) = instructor.json("down", "--yes")["seats"]
    assert (row["state"], row["leftovers"]) == ("absent", [])
    left = everything(administrator)
    left["roles"] = [role for role in left["roles"] if not role.startswith("AWSServiceRoleFor")]
    assert left == before
