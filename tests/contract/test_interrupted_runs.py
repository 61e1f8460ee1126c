"""A run of the incident that breaks off: the ledger says how far it got, and the next command continues from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from labkit.embedded_aws import embedded_aws
from labkit.errors import CloudError
from labkit.simulate import incident, ledger, operator, ssh
from labkit.workflow import demo_run
from labkit.workflow.operations import Operations
from pocketaws.network import internet


@pytest.fixture(scope="module")
def lab() -> Iterator[Operations]:
    """A lab without an incident; the tests below add runs to it, in their order."""
    with embedded_aws(demo_run.REGION):
        work = demo_run.begin(1)
        demo_run.require_state(work.up(), "ready")
        yield work


def entries(lab: Operations) -> tuple[ledger.Entry, ...]:
    seat = lab.seats[0]
    return ledger.read(lab.cloud.account(seat.account), lab.workshop, seat.id)


def servers(lab: Operations) -> set[str]:
    """The states of the lab's servers."""
    seat = lab.seats[0]
    found = lab.cloud.account(seat.account).client("ec2").describe_instances()
    return {
        server["State"]["Name"]
        for reservation in found["Reservations"]
        for server in reservation["Instances"]
    }


def fail(*_: Any, **__: Any) -> Any:
    raise CloudError("The network is gone.", "Try again.")


def test_a_run_that_fails_before_the_login_is_no_incident(
    lab: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(operator, "run_by_ssh", fail)
        (row,) = lab.simulate("ssh")

    assert (row["state"], row["incident"]) == ("failed", None)
    assert [row["state"] for row in lab.status()] == ["ready"]
    assert len(lab.without_runs().seats) == 1


def test_a_run_that_breaks_off_during_the_incident_counts_and_keeps_its_number(
    lab: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(incident._Record, "happened", fail)
        (row,) = lab.simulate("ssh")

    assert row["state"] == "failed"
    assert [row["state"] for row in lab.status()] == ["incident"]
    assert [(run.number, run.counts, run.must_finish) for run in entries(lab)] == [
        (1, False, False), (2, True, False),
    ]  # fmt: skip
    assert len(lab.without_runs().seats) == 1


def test_a_run_that_breaks_off_after_the_incident_is_finished_and_not_repeated(
    lab: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(incident, "stop_server", fail)
        (row,) = lab.simulate("ssh")
    assert row["state"] == "failed"
    broken = entries(lab)[-1]
    assert (broken.number, broken.must_finish) == (3, True)
    assert servers(lab) == {"running"}

    (row,) = lab.simulate("ssh")

    assert (row["state"], row["incident"]) == ("incident", None)
    assert "finished run 3" in row["detail"]
    assert len(entries(lab)) == 3
    assert entries(lab)[-1].finished_at is not None
    assert servers(lab) == {"running", "stopped"}
    assert not lab.without_runs().seats


def test_the_next_run_takes_the_next_number(lab: Operations) -> None:
    (row,) = lab.simulate("ssh")

    assert row["incident"] is not None
    assert [run.number for run in entries(lab)] == [1, 2, 3, 4]


def test_a_threat_address_that_does_not_answer_fails_no_run_command(
    lab: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(internet, "answers", lambda *_: False)
        (row,) = lab.simulate("ssm")

    assert (row["state"], row["incident"]["via"]) == ("incident", "ssm"), row


def test_an_expired_key_is_replaced_once(lab: Operations, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def refuse_first(
        target: ssh.SshTarget,
        key: ssh.EphemeralKey,
        lines: Sequence[str],
        before: Callable[[], None],
    ) -> str:
        tried.append(key.public)
        if len(tried) == 1:
            raise ssh.KeyRefusedError("The server refuses the key.", "Try again.")
        return type_commands(target, key, lines, before)

    type_commands = ssh.type_commands
    with monkeypatch.context() as patched:
        patched.setattr(ssh, "type_commands", refuse_first)
        (row,) = lab.simulate("ssh")

    assert row["state"] == "incident"
    assert len(set(tried)) == 2


def test_every_leftover_rule_is_closed_including_port_0(lab: Operations) -> None:
    seat = lab.seats[0]
    account = lab.cloud.account(seat.account)
    group = lab.deployed(seat).security_group
    ec2 = account.client("ec2")
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 22, "IpRanges": [{"CidrIp": "203.0.113.9/32"}]},
            {"IpProtocol": "icmp", "FromPort": 0, "ToPort": 0, "IpRanges": [{"CidrIp": "203.0.113.9/32"}]},
            {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}]},
        ],
    )  # fmt: skip

    (row,) = lab.simulate("ssh")

    assert row["state"] == "incident"
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert found["IpPermissions"] == []
