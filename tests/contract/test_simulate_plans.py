"""What a plan of ``simulate`` says is what the account's event history then shows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from labkit.aws import Account
from labkit.embedded_aws import embedded_aws
from labkit.model import Action
from labkit.workflow import demo_run
from labkit.workflow.operations import Operations

EVENTS = {
    ("create", "parameter"): "PutParameter",
    ("complete", "parameter"): "PutParameter",
    ("start", "instance"): "StartInstances",
    ("open", "port 22"): "AuthorizeSecurityGroupIngress",
    ("operate", "instance"): "SendSSHPublicKey",
    ("close", "port 22"): "RevokeSecurityGroupIngress",
    ("stop", "instance"): "StopInstances",
}


@pytest.fixture(scope="module")
def work() -> Iterator[Operations]:
    with embedded_aws(demo_run.REGION):
        begun = demo_run.begin(1)
        demo_run.require_state(begun.up(), "ready")
        yield begun


def changes(account: Account, since: datetime) -> set[str]:
    """What changed something since then, except that someone assumed a role, and what servers do themselves."""
    pages = account.client("cloudtrail").get_paginator("lookup_events")
    attributes = [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
    return {
        event["EventName"]
        for page in pages.paginate(LookupAttributes=attributes)
        for event in page["Events"]
        if event["EventTime"] >= since.replace(microsecond=0)
        and not event.get("Username", "").startswith("i-")
    } - {"AssumeRole"}


def wanted(actions: tuple[Action, ...]) -> set[str]:
    return {EVENTS[action.verb, action.kind] for action in actions}


@pytest.mark.parametrize("run", [1, 2, 3])
def test_a_run_does_what_its_plan_says(work: Operations, run: int) -> None:
    """The third run starts a server, because the first two have stopped both."""
    (seat,) = work.seats
    account = work.cloud.account(seat.account)
    lab = work.deployed(seat).lab
    planned = work.plan_simulate().actions
    assert planned[-1].id == f"/labkit/demo/{seat.id}/runs/{run}"
    assert ("start" in {action.verb for action in planned}) is (run > len(lab.instances))
    time.sleep(1.1)  # event times have whole seconds, and what came before isn't this run's
    since = work.now()

    (row,) = work.simulate()

    assert row["state"] == "incident", row
    assert changes(account, since) == wanted(planned)
    (operated,) = [action for action in planned if action.verb == "operate"]
    assert row["incident"]["instance_id"] in operated.id


def test_a_seat_without_a_lab_has_no_plan(work: Operations) -> None:
    work.down()
    planned = work.plan_simulate()
    assert planned.actions == ()
    assert "Run 'labkit up' first." in planned.failed[0]["detail"]
