"""Names that two workshops would share are refused before anything exists twice."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from labkit.aws import Account
from labkit.deploy.collisions import refuse_taken_names
from labkit.deploy.stacks import of_workshops
from labkit.embedded_aws import embedded_aws
from labkit.errors import UsageError
from labkit.model import Seat, Workshop
from labkit.workflow import demo_run
from labkit.workflow.operations import Operations
from labkit.workshop import parse_workshop

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with embedded_aws(demo_run.REGION):
        work = demo_run.begin(1)
        yield work.cloud.account(work.seats[0].account)


def workshop(name: str) -> Workshop:
    return Workshop(name, "malicious_callout", demo_run.REGION, timedelta(hours=8), ())


def operations(account: Account, name: str, seat: str) -> Operations:
    text = f"""
        [workshop]
        name = "{name}"
        region = "{demo_run.REGION}"
        [access]
        role = "OrganizationAccountAccessRole"
        [scenario]
        servers = 1
        threat_addresses = ["209.85.202.94"]
        [[seat]]
        id = "{seat}"
        account = "{account.id}"
    """
    return Operations.on(parse_workshop(tomllib.loads(text), Path("workshop.toml")))


def make_role(account: Account, name: str, **tags: str) -> None:
    account.client("iam").create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps(TRUST),
        Tags=[{"Key": f"labkit:{key}", "Value": value} for key, value in tags.items()],
    )


def test_a_role_of_another_workshop_is_refused(account: Account) -> None:
    make_role(account, "labkit-foo-bar-baz-attendee", workshop="foo", seat="bar-baz")
    with pytest.raises(UsageError) as refused:
        refuse_taken_names(account, workshop("foo-bar"), [Seat("ada"), Seat("baz")])
    assert "labkit-foo-bar-baz-attendee" in refused.value.message
    assert "seat bar-baz of the workshop foo" in refused.value.message
    assert "another name" in refused.value.hint
    refuse_taken_names(account, workshop("foo"), [Seat("bar-baz")])  # its own role
    refuse_taken_names(account, workshop("foo-bar"), [Seat("ada")])


def test_a_role_of_nobody_is_refused_too(account: Account) -> None:
    make_role(account, "labkit-day-ada-attendee")
    with pytest.raises(UsageError, match="belongs to something else"):
        refuse_taken_names(account, workshop("day"), [Seat("ada")])


def test_up_makes_nothing_for_a_workshop_whose_names_are_taken(account: Account) -> None:
    first, second = operations(account, "abc", "day-ada"), operations(account, "abc-day", "ada")
    assert [row["state"] for row in first.up()] == ["ready"]
    before = {stack.name for stack in of_workshops(account)}
    (row,) = second.up()
    assert row["state"] == "failed"
    assert "labkit-abc-day-ada-attendee exists" in row["detail"]
    assert {stack.name for stack in of_workshops(account)} == before
    assert [r["state"] for r in first.down()] == ["absent"]
