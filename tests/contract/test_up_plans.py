"""What a plan of ``up`` says is exactly what ``up`` does, whatever state a lab's stack is in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from labkit.clock import Clock
from labkit.deploy import stacks
from labkit.deploy.expiry import parse_time
from labkit.embedded_aws import embedded_aws
from labkit.model import Plan
from labkit.names import seat_stack
from labkit.workflow import demo_run
from labkit.workflow.operations import Operations
from pocketaws.cloudformation.store import CloudFormationStore
from pocketaws.faults import set_faults
from pocketaws.server import LocalAws

from .recorder import Recorder, undone, unplanned
from .test_teardown_plans import STATES

# Where an operation leaves a stack; other operations end in UPDATE_COMPLETE.
ENDS = {
    "CREATE_IN_PROGRESS": "CREATE_COMPLETE",
    "DELETE_IN_PROGRESS": "DELETE_FAILED",
    "ROLLBACK_IN_PROGRESS": "ROLLBACK_COMPLETE",
}
KEPT = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
REPLACED = {
    "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED",
}  # fmt: skip
WAITED_FOR = {status for status in STATES if status.endswith("_IN_PROGRESS")} - REPLACED
REFUSED = set(STATES) - KEPT - REPLACED - WAITED_FOR


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with embedded_aws(demo_run.REGION) as running:
        yield running


@pytest.fixture(scope="module")
def work(aws: LocalAws) -> Operations:
    assert aws
    begun = demo_run.begin(1)
    settings = {**begun.workshop.settings, "servers": 1}
    smaller = replace(begun, workshop=replace(begun.workshop, settings=settings))
    demo_run.require_state(smaller.up(), "ready")
    return smaller


def force(aws: LocalAws, work: Operations, status: str) -> None:
    """Put the lab's stack into a state that takes a failure, or much patience, to get into."""
    (seat,) = work.seats
    assert seat.account is not None
    store = aws.world.store(CloudFormationStore, seat.account, work.workshop.region)
    store.stacks[store.living[seat_stack(work.workshop, seat.id)]].status = status


@pytest.mark.parametrize("status", STATES)
def test_up_does_exactly_what_each_round_of_its_plan_says(
    aws: LocalAws, work: Operations, status: str
) -> None:
    (seat,) = work.seats
    force(aws, work, status)
    recorder = Recorder().watch(work.cloud.account(seat.account))
    printed = work.plan_up()
    assert recorder.calls == [], "a plan changes nothing"
    verbs = {action.verb for action in printed.actions}
    assert bool(printed.failed) is (status in REFUSED)
    assert ("delete" in verbs and "create" in verbs) is (status in REPLACED)
    assert (verbs == {"wait"}) is (status in WAITED_FOR)

    def sleep(_seconds: float) -> None:
        if status in WAITED_FOR and not recorder.rounds[1:]:
            force(aws, work, ENDS.get(status, "UPDATE_COMPLETE"))

    deploying = replace(work._deploying(), clock=Clock(work.now, sleep))
    failed = deploying.run(lambda *_: None, recorder.show)

    assert set(failed) == ({seat.id} if status in REFUSED else set())
    if recorder.rounds:
        assert recorder.rounds[0][0].actions == printed.actions
    assert [unplanned(*each) for each in recorder.rounds] == [[]] * len(recorder.rounds)
    assert [undone(*each) for each in recorder.rounds] == [[]] * len(recorder.rounds)
    if status in REFUSED:
        assert "labkit redo --seat" in failed[seat.id].hint
        force(aws, work, "UPDATE_COMPLETE")
    assert work.plan_up().actions == ()


def test_a_zone_without_capacity_is_replaced_by_the_next(aws: LocalAws, work: Operations) -> None:
    (seat,) = work.seats
    account = work.cloud.account(seat.account)
    zone = next(
        stack.parameters["AvailabilityZone"]
        for stack in stacks.of_workshops(account)
        if stack.name == seat_stack(work.workshop, seat.id)
    )
    plans: list[Plan] = []
    set_faults(aws.world, no_capacity=[zone])
    try:
        (row,) = work.redo(lambda _number, plan: plans.append(plan))
    finally:
        set_faults(aws.world, no_capacity=[])
    assert row["state"] == "ready", row
    stack = next(
        s for s in stacks.of_workshops(account) if s.name == seat_stack(work.workshop, seat.id)
    )
    assert stack.parameters["AvailabilityZone"] != zone
    assert [[(a.verb, a.kind) for a in plan.actions][-1] for plan in plans] == [
        ("create", "stack")
    ] * 2


def test_redo_gives_a_seat_other_servers_and_keeps_what_was_answered(work: Operations) -> None:
    (seat,) = work.seats
    account = work.cloud.account(seat.account)
    before = work.deployed(seat).lab
    name = f"/labkit/{work.workshop.name}/{seat.id}/answers/command"
    account.client("ssm").put_parameter(Name=name, Value='["x"]', Type="String")
    (row,) = work.redo()
    assert row["state"] == "ready", row
    after = work.deployed(seat).lab
    assert {s.instance_id for s in after.instances}.isdisjoint(
        s.instance_id for s in before.instances
    )
    assert after.trail_bucket == before.trail_bucket
    assert account.client("ssm").get_parameter(Name=name)["Parameter"]["Value"] == '["x"]'


def test_extend_moves_the_expiry_of_labs_and_of_what_they_need(work: Operations) -> None:
    (seat,) = work.seats
    account = work.cloud.account(seat.account)
    before = {stack.name: stack.expires for stack in stacks.of_workshops(account)}
    servers = work.deployed(seat).lab.instances
    recorder = Recorder().watch(account)
    printed = work.plan_extend(timedelta(hours=2)).actions
    assert recorder.calls == [], "a plan changes nothing"
    assert {(action.verb, action.kind) for action in printed} == {("extend", "stack")}

    (row,) = work.extend(timedelta(hours=2), recorder.show)

    assert row["detail"].startswith(f"expires {row['expires']:%Y-%m-%d %H:%M} UTC; ")
    ((plan, calls),) = recorder.rounds
    assert plan.actions == printed
    assert unplanned(plan, calls) == undone(plan, calls) == []
    after = {stack.name: parse_time(stack.expires or "") for stack in stacks.of_workshops(account)}
    for name, expires in before.items():
        known = parse_time(expires or "")
        assert known is not None
        assert after[name] == known + timedelta(hours=2), name
    assert work.deployed(seat).lab.instances == servers


def test_a_seat_without_a_lab_has_nothing_to_extend(work: Operations) -> None:
    absent = replace(work, seats=(replace(work.seats[0], id="nobody"),))
    planned = absent.plan_extend(timedelta(hours=1))
    assert planned.actions == ()
    assert "nobody has no lab" in planned.failed[0]["detail"]


@pytest.mark.parametrize("verb", ["up", "down"])
def test_two_instructors_at_once_end_like_one(work: Operations, verb: str) -> None:
    if verb == "up":
        work.down()
    rows: dict[int, list[dict[str, Any]]] = {}

    def run(number: int) -> None:
        rows[number] = getattr(Operations.on(work.workshop), verb)()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = [row["state"] for each in rows.values() for row in each]
    assert states == [{"up": "ready", "down": "absent"}[verb]] * 2, rows
