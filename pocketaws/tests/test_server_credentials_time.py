"""How long the credentials of a server's role are good: expiry, renewal, stops, revocation, a kill."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws

from .conftest import REGION, client_factory
from .kills import Process
from .servers import Shell, Site, make_site, policy
from .taken import by_run_command, clients_with, credentials_of, is_denied, records_of


def _site_of(aws: LocalAws) -> Site:
    key = aws.administrator
    return make_site(client_factory(aws, key.access_key_id, key.secret_access_key))


@pytest.fixture
def clocked() -> Iterator[tuple[LocalAws, ManualClock, Site, str]]:
    clock = ManualClock(datetime.now(UTC))
    with LocalAws(region=REGION, clock=clock) as aws:
        yield aws, clock, _site_of(aws), aws.administrator.account


def test_older_sessions_are_revoked_by_their_time_of_issue(
    clocked: tuple[LocalAws, ManualClock, Site, str],
) -> None:
    """The policy that the console attaches as AWSRevokeOlderSessions, while the server goes on with new keys."""
    aws, clock, own, number = clocked
    server = own.run()
    own.describe(server)
    old = credentials_of(Shell(aws, number, server), own.profile)
    assert not is_denied(clients_with(aws, old))
    clock.advance(60)
    limit = (clock.now() - timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    deny = {
        "Effect": "Deny", "Action": ["*"], "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": limit}},
    }  # fmt: skip
    own.client("iam").put_role_policy(
        RoleName=own.profile, PolicyName="AWSRevokeOlderSessions", PolicyDocument=policy(deny)
    )
    assert is_denied(clients_with(aws, old))
    own.client("ec2").stop_instances(InstanceIds=[server])
    own.client("ec2").start_instances(InstanceIds=[server])
    own.describe(server)
    new = credentials_of(Shell(aws, number, server), own.profile)
    assert not is_denied(clients_with(aws, new))
    assert is_denied(clients_with(aws, old))


def test_keys_end_when_they_say_and_new_ones_are_there_before(
    clocked: tuple[LocalAws, ManualClock, Site, str],
) -> None:
    aws, clock, site, account = clocked
    server = site.run()
    site.describe(server)
    shell = Shell(aws, account, server)
    old = credentials_of(shell, site.profile)
    end = datetime.fromisoformat(old["Expiration"])
    lasts = end - datetime.fromisoformat(old["LastUpdated"])
    assert timedelta(hours=6) <= lasts < timedelta(hours=7)
    clock.advance((end - clock.now()).total_seconds() - 301)
    new = credentials_of(shell, site.profile)
    assert new["AccessKeyId"] != old["AccessKeyId"]
    assert clients_with(aws, old)("sts").get_caller_identity()
    clock.advance(302)
    with pytest.raises(ClientError, match="ExpiredToken"):
        clients_with(aws, old)("sts").get_caller_identity()
    assert clients_with(aws, new)("sts").get_caller_identity()


def test_keys_outlive_their_server_and_a_start_brings_new_ones(
    clocked: tuple[LocalAws, ManualClock, Site, str],
) -> None:
    aws, _, site, account = clocked
    ec2 = site.client("ec2")
    server = site.run()
    site.describe(server)
    first = credentials_of(Shell(aws, account, server), site.profile)
    ec2.reboot_instances(InstanceIds=[server])
    site.describe(server)
    assert credentials_of(Shell(aws, account, server), site.profile) == first
    ec2.stop_instances(InstanceIds=[server])
    ec2.start_instances(InstanceIds=[server])
    site.describe(server)
    second = credentials_of(Shell(aws, account, server), site.profile)
    assert second["AccessKeyId"] != first["AccessKeyId"]
    ec2.terminate_instances(InstanceIds=[server])
    site.describe(server)
    for keys in (first, second):
        who = clients_with(aws, keys)("sts").get_caller_identity()
        assert who["Arn"].endswith(f"/{server}")


def test_a_killed_process_leaves_the_keys_good(tmp_path: Path) -> None:
    first = Process(tmp_path)
    site = make_site(first.administrator())
    server = site.run()
    site.describe(server)
    keys = by_run_command(site, server)
    outside = first.clients(keys["AccessKeyId"], keys["SecretAccessKey"], keys["Token"])
    outside("sts").get_caller_identity()
    first.kill()
    second = Process(tmp_path)
    try:
        outside = second.clients(keys["AccessKeyId"], keys["SecretAccessKey"], keys["Token"])
        assert outside("sts").get_caller_identity()["Arn"].endswith(f"/{server}")
        again = Site(second.administrator(), *list(vars(site).values())[1:])
        assert by_run_command(again, server) == keys
        calls = [r for r in records_of(again, keys["AccessKeyId"]) if "Boto3" in r["userAgent"]]
        assert len(calls) == 2
        assert len({r["sourceIPAddress"] for r in calls}) == 1
    finally:
        second.kill()
