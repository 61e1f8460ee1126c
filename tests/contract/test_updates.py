"""Updates of a deployed lab on the emulator: what's safe happens, and the rest is refused before anything changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from labkit.aws import Account
from labkit.deploy import stacks
from labkit.deploy.expiry import expiry_parameters, format_time, parse_time
from labkit.deploy.stacks import Stack
from labkit.deploy.updates import Update, check_updated, renewal, start
from labkit.embedded_aws import embedded_aws
from labkit.errors import UsageError
from labkit.names import seat_stack
from labkit.workflow import demo_run
from labkit.workflow.operations import Operations


@pytest.fixture(scope="module")
def work() -> Iterator[Operations]:
    with embedded_aws(demo_run.REGION):
        made = demo_run.begin(1)
        assert [row["state"] for row in made.up()] == ["ready"]
        yield made


@pytest.fixture(scope="module")
def account(work: Operations) -> Account:
    return work.cloud.account(work.seats[0].account)


def lab(work: Operations, account: Account) -> Stack:
    seat = work.seats[0].id
    found = stacks.find(account, seat_stack(work.workshop, seat), work.workshop.name, seat)
    assert found is not None
    return found


def servers(account: Account) -> dict[str, tuple[object, object, dict[str, str]]]:
    """Launch time, public address, and tags by ID."""
    return {
        server["InstanceId"]: (
            server["LaunchTime"],
            server.get("PublicIpAddress"),
            {tag["Key"]: tag["Value"] for tag in server["Tags"]},
        )
        for reservation in account.client("ec2").describe_instances()["Reservations"]
        for server in reservation["Instances"]
    }


def change_sets(account: Account, stack: Stack) -> list[str]:
    found = account.client("cloudformation").list_change_sets(StackName=stack.id)["Summaries"]
    return [each["ExecutionStatus"] for each in found]


def test_another_expiry_reaches_schedule_and_tags_and_restarts_no_server(
    work: Operations, account: Account
) -> None:
    before, stack = servers(account), lab(work, account)
    known = parse_time(stack.expires or "")
    assert known is not None
    later = (known + timedelta(days=2)).replace(microsecond=0)
    update = renewal(stack, expiry_parameters(later, work.clock.now()))

    assert start(account, stack, update, work.clock)

    renewed = lab(work, account)
    check_updated(account, renewed)
    assert renewed.expires == renewed.tags["labkit:expires"] == format_time(later)
    schedule = account.client("scheduler").get_schedule(
        GroupName="labkit-demo-expiry", Name=stack.name
    )
    assert schedule["StartDate"] == later
    after = servers(account)
    assert {key: value[:2] for key, value in after.items()} == {
        key: value[:2] for key, value in before.items()
    }
    assert {tags["labkit:expires"] for _, _, tags in after.values()} == {format_time(later)}
    group = f"{next(iter(after))}-commands-log"
    (found,) = account.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["retentionInDays"] == 5
    assert not start(account, renewed, update, work.clock), "nothing to change is a success"


def test_a_newer_image_is_refused_and_changes_nothing(work: Operations, account: Account) -> None:
    before, stack = servers(account), lab(work, account)
    update = Update({"ImageId": "ami-0123456789abcdef0"})

    with pytest.raises(UsageError) as refused:
        start(account, stack, update, work.clock)

    assert "replace Server1 (changed: ImageId)" in refused.value.message
    assert f"labkit redo --seat {work.seats[0].id}" in refused.value.hint
    assert servers(account) == before
    assert lab(work, account) == stack
    assert "AVAILABLE" not in change_sets(account, stack)


def test_another_boot_script_is_refused(work: Operations, account: Account) -> None:
    stack = lab(work, account)
    text = stacks.template(account, stack.id)
    assert "the packages couldn't be installed" in text
    changed = text.replace("the packages couldn't be installed", "no packages")
    with pytest.raises(UsageError, match=r"(restart|replace) Server1 \(changed: UserData\)"):
        start(account, stack, Update(template=changed), work.clock)
    assert stacks.template(account, stack.id) == text
