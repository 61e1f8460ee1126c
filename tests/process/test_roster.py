"""A roster that changes after ``up``, and an account that can't be entered any longer."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from .accounts import everything
from .desk import Desk, Server

ROLE = "OrganizationAccountAccessRole"
FIRST, SECOND = "seat-1", "seat-2"


@pytest.fixture(scope="module")
def accounts(instructor: Desk) -> dict[str, str]:
    instructor.run("init", "--local", "--seats", "2", "acme")
    text = (instructor.folder / "workshop.toml").read_text()
    ids = re.findall(r'account = "(\d{12})"', text)
    return dict(zip((FIRST, SECOND), ids, strict=True))


@pytest.fixture(scope="module")
def administrators(server: Server, instructor: Desk, accounts: dict[str, str]) -> dict[str, Desk]:
    return {
        seat: Desk(instructor.folder, server.environment("--account", account))
        for seat, account in accounts.items()
    }


@pytest.fixture(scope="module")
def before(administrators: dict[str, Desk]) -> dict[str, dict[str, list[str]]]:
    return {seat: everything(desk) for seat, desk in administrators.items()}


def by_seat(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["seat"]: row for row in document["seats"]}


def test_a_seat_that_left_the_roster_is_shown_and_planned(
    instructor: Desk, accounts: dict[str, str], before: dict[str, Any]
) -> None:
    assert before
    instructor.run("up", "--yes")
    file = instructor.folder / "workshop.toml"
    text = file.read_text()
    head, first, _second = text.split("[[seat]]")
    file.write_text(f"{head}[[seat]]{first}")

    rows = by_seat(instructor.json("status"))
    assert set(rows) == {FIRST, SECOND}
    assert rows[SECOND]["in_roster"] is False
    assert rows[SECOND]["account"] == accounts[SECOND]
    assert rows[SECOND]["detail"].startswith("not in the roster; ")
    assert "in_roster" not in rows[FIRST]
    plan = instructor.json("down", "--dry-run")["plan"]
    assert {step["seat"] for step in plan} == {FIRST, SECOND, None}
    only = instructor.json("down", "--dry-run", "--seat", SECOND)["plan"]
    assert {step["account"] for step in only} == {accounts[SECOND]}


def test_an_account_that_can_not_be_entered_stops_no_other(
    instructor: Desk, administrators: dict[str, Desk], accounts: dict[str, str]
) -> None:
    """It isn't on the roster, but it may still have servers, so nobody may claim that nothing is left."""
    iam = administrators[SECOND].client("iam")
    trust = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    nobody = {**trust, "Statement": [{**trust["Statement"][0], "Effect": "Deny"}]}
    set_trust(iam, nobody)

    planned = instructor.json("down", "--dry-run", code=1)
    assert {step["account"] for step in planned["plan"]} == {accounts[FIRST]}
    assert [row["account"] for row in planned["failed"]] == [accounts[SECOND]]
    rows = by_seat(instructor.json("down", "--yes", "--discard", code=1))
    assert rows[FIRST]["state"] == "absent"
    where = f"account {accounts[FIRST]}, Region eu-west-1"
    assert rows[FIRST]["detail"] == f"nothing is left in {where}"
    assert rows[None]["account"] == accounts[SECOND]
    assert rows[None]["state"] == "failed"
    assert "can't assume the role" in rows[None]["detail"]

    set_trust(iam, trust)


def set_trust(iam: Any, document: dict[str, Any]) -> None:

    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(document))


def test_down_takes_what_left_the_roster(
    instructor: Desk, administrators: dict[str, Desk], before: dict[str, dict[str, list[str]]]
) -> None:
    rows = by_seat(instructor.json("down", "--yes"))
    assert {row["state"] for row in rows.values()} == {"absent"}
    assert rows[SECOND]["in_roster"] is False
    for seat, desk in administrators.items():
        left = everything(desk)
        left["roles"] = [role for role in left["roles"] if not role.startswith("AWSServiceRole")]
        assert left == before[seat]
