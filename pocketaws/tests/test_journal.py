"""What was acknowledged outlives the process; what was not finished leaves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import SystemClock
from pocketaws.effects import effect
from pocketaws.errors import AwsError
from pocketaws.inputs import world_input
from pocketaws.journal import Journal, JournalEntry, StateError
from pocketaws.server import LocalAws
from pocketaws.world import World

from .conftest import client_factory
from .servers import make_site


def clients(aws: LocalAws) -> Any:
    key = aws.administrator
    session = boto3.Session(key.access_key_id, key.secret_access_key, region_name="eu-west-1")
    return lambda service: session.client(service, endpoint_url=aws.endpoint)


def die(aws: LocalAws) -> None:
    """End without saving, as the death of the process would: only the journal is there."""
    journal = aws.world._journal
    aws.world._journal = None
    aws.stop()
    assert journal is not None
    journal.close()


def test_a_restart_knows_everything_with_the_same_ids(tmp_path: Path) -> None:
    with LocalAws(data=tmp_path) as first:
        client = clients(first)
        vpc = client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]
        client("ssm").put_parameter(Name="/a", Value="1", Type="String")
        key = first.administrator.access_key_id
        die(first)
    with LocalAws(data=tmp_path) as second:
        client = clients(second)
        assert second.administrator.access_key_id == key
        (again,) = client("ec2").describe_vpcs(VpcIds=[vpc["VpcId"]])["Vpcs"]
        assert again["CidrBlock"] == vpc["CidrBlock"]
        assert again["DhcpOptionsId"] == vpc["DhcpOptionsId"]
        assert client("ssm").get_parameter(Name="/a")["Parameter"]["Value"] == "1"


def test_a_stop_in_order_leaves_a_snapshot_alone(tmp_path: Path) -> None:
    with LocalAws(data=tmp_path) as first:
        clients(first)("ssm").put_parameter(Name="/a", Value="1", Type="String")
    assert not (tmp_path / "journal").exists()
    with LocalAws(data=tmp_path) as second:
        found = clients(second)("ssm").get_parameter(Name="/a")["Parameter"]
        assert found["Value"] == "1"


def test_a_turn_cut_off_in_the_journal_is_as_if_it_never_was(tmp_path: Path) -> None:
    with LocalAws(data=tmp_path) as first:
        client = clients(first)("ssm")
        client.put_parameter(Name="/kept", Value="1", Type="String")
        client.put_parameter(Name="/cut", Value="1", Type="String")
        die(first)
    path = tmp_path / "journal"
    path.write_bytes(path.read_bytes()[:-7])
    with LocalAws(data=tmp_path) as second:
        client = clients(second)("ssm")
        assert client.get_parameter(Name="/kept")["Parameter"]["Value"] == "1"
        with pytest.raises(client.exceptions.ParameterNotFound):
            client.get_parameter(Name="/cut")
        client.put_parameter(Name="/later", Value="1", Type="String")


def test_other_delays_hold_from_the_restart_on_and_not_before(tmp_path: Path) -> None:
    with LocalAws(data=tmp_path) as first:
        client = clients(first)
        group = "a-group"
        client("guardduty").create_detector(Enable=True)
        client("scheduler").create_schedule_group(Name=group)
        vpc = client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        die(first)
    for delays in ("aws", "none"):
        with LocalAws(data=tmp_path, delays=delays) as again:  # type: ignore[arg-type]
            client = clients(again)
            assert again.world.delays == delays
            assert client("ec2").describe_vpcs(VpcIds=[vpc])["Vpcs"]
            assert client("scheduler").get_schedule_group(Name=group)["Name"] == group
            die(again)


def test_a_second_process_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    with LocalAws(data=tmp_path), pytest.raises(StateError, match="in use"):
        Journal(tmp_path)


def test_a_snapshot_of_another_version_is_refused_with_a_reason(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write_snapshot("moto=0", {})
    with pytest.raises(StateError, match="another version"):
        journal.read_snapshot("moto=1")
    journal.close()


def test_only_the_owner_can_read_the_state(tmp_path: Path) -> None:
    with LocalAws(data=tmp_path / "state") as aws:
        clients(aws)("ssm").put_parameter(Name="/a", Value="1", Type="String")
        modes = {
            path.name: oct(path.stat().st_mode & 0o077) for path in (tmp_path / "state").iterdir()
        }
    assert set(modes.values()) == {"0o0"}
    assert "journal" in modes


def test_entries_come_back_as_they_were_written(tmp_path: Path) -> None:
    with LocalAws() as aws:
        now = aws.world.now
    journal = Journal(tmp_path)
    entries = [JournalEntry(number, now, "x", {"value": b"\0" * number}) for number in range(3)]
    for entry in entries:
        journal.append(entry)
    assert list(journal.entries()) == entries
    journal.close()


@world_input("test.refused")
def _refused(world: World) -> None:
    world.store(list, "", "").append(world.hex(8))
    raise AwsError("Refused", "after a change")


@world_input("test.plan")
def _plan(world: World) -> None:
    world.later("test.broken", 0)


@effect("test.broken")
def _broken(world: World) -> None:
    world.store(list, "", "").append(world.hex(8))
    raise ValueError("a mistake")


def test_an_input_that_was_refused_is_refused_again_and_a_restart_goes_on(tmp_path: Path) -> None:
    with LocalAws(data=tmp_path) as first:
        with pytest.raises(AwsError):
            first.world.apply("test.refused")
        clients(first)("ssm").put_parameter(Name="/a", Value="1", Type="String")
        changed = list(first.world.store(list, "", ""))
        die(first)
    with LocalAws(data=tmp_path) as second:
        assert second.world.store(list, "", "") == changed
        assert clients(second)("ssm").get_parameter(Name="/a")["Parameter"]["Value"] == "1"


def test_an_effect_that_breaks_is_nobodys_answer_and_breaks_the_same_way_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with LocalAws(data=tmp_path) as first:
        first.world.apply("test.plan")
        made = clients(first)("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        changed = list(first.world.store(list, "", ""))
        die(first)
    assert "effect test.broken failed" in caplog.text
    assert len(changed) == 1
    with LocalAws(data=tmp_path) as second:
        assert second.world.store(list, "", "") == changed
        assert clients(second)("ec2").describe_vpcs(VpcIds=[made])["Vpcs"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
def test_a_transaction_that_cannot_be_journaled_is_not_acknowledged_nor_any_after_it(
    tmp_path: Path,
) -> None:
    with LocalAws(data=tmp_path) as aws:
        client = client_factory(
            aws, aws.administrator.access_key_id, aws.administrator.secret_access_key
        )("ssm")
        client.put_parameter(Name="/kept", Value="1", Type="String")
        journal = aws.world._journal
        assert journal is not None
        assert journal._file is not None
        kept = journal._file
        with Path("/dev/full").open("ab", buffering=0) as full:
            journal._file = full
            for name in ("/lost", "/after"):
                with pytest.raises(ClientError, match="ServiceUnavailable"):
                    client.put_parameter(Name=name, Value="1", Type="String")
        kept.close()
    with LocalAws(data=tmp_path) as again:
        found = clients(again)("ssm").describe_parameters()["Parameters"]
        assert [one["Name"] for one in found] == ["/kept"]


def test_a_snapshot_is_taken_when_a_restart_would_take_seconds(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write_snapshot("v", {})
    now = SystemClock().now()
    for number in range(1000):
        journal.append(JournalEntry(number, now, "x", {}))
        journal.add_replay_seconds(0.0)
    wanted = [journal.wants_snapshot]
    journal.add_replay_seconds(60.0)
    wanted.append(journal.wants_snapshot)
    journal.postpone_snapshot()
    wanted.append(journal.wants_snapshot)
    assert wanted == [False, True, False]
    journal.close()


def test_an_encrypted_volume_does_not_keep_the_state_from_being_put_away(tmp_path: Path) -> None:
    with LocalAws(data=tmp_path) as first:
        site = make_site(clients(first))
        disk = {"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True}}
        server = site.run(BlockDeviceMappings=[disk])
    assert not (tmp_path / "journal").exists()
    with LocalAws(data=tmp_path) as second:
        (volume,) = clients(second)("ec2").describe_volumes(
            Filters=[{"Name": "attachment.instance-id", "Values": [server]}]
        )["Volumes"]
        assert volume["Encrypted"] is True
