"""Logging in to a server with the OpenSSH client."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

import asyncssh
import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory, Ssh, client_factory
from .servers import Site, make_flow_log, make_role, make_site, push

pytestmark = pytest.mark.skipif(
    shutil.which("ssh") is None or shutil.which("ssh-keygen") is None, reason="ssh is missing"
)
LOGS = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}


@pytest.fixture(scope="module")
def site(member: ClientFactory) -> Site:
    made = make_site(member)
    member("logs").create_log_group(logGroupName="flows")
    make_flow_log(made, "flows", make_role(member, "flows", "vpc-flow-logs.amazonaws.com", LOGS))
    return made


def test_the_way_in_takes_a_key_and_an_open_port(site: Site, ssh: Ssh, key: Path) -> None:
    server = site.run()
    site.describe(server)
    assert "Permission denied (publickey)" in ssh("id").stderr

    push(site, server, key)
    closed = ssh("id")
    assert closed.returncode == 255
    assert not closed.stdout
    rejected = [line.split() for line in site.log("flows", filterPattern="REJECT")]
    assert [f for f in rejected if f[6] == "22" and f[3].startswith("198.1")]

    site.open_port(22, "198.18.0.0/15")
    ran = ssh("whoami; hostname; exit 7")
    address = site.describe(server)["PrivateIpAddress"].replace(".", "-")
    assert ran.returncode == 7
    assert ran.stdout.split() == ["ec2-user", f"ip-{address}.eu-west-1.compute.internal"]
    assert "Permission denied (publickey)" in ssh("id", user="root").stderr


def test_an_interactive_session_is_a_terminal_and_traffic(site: Site, ssh: Ssh, key: Path) -> None:
    server = site.run()
    private = site.describe(server)["PrivateIpAddress"]
    push(site, server, key)
    session = ssh(
        "-tt",
        "",
        text="cd /var/log\npwd\ncurl -s -m 5 -o /dev/null http://209.85.202.94/x\nexit 4\n",
    )
    assert session.returncode == 4
    assert f"[ec2-user@ip-{private.replace('.', '-')} log]$ " in session.stdout
    assert "/var/log\n" in session.stdout.replace("\r\n", "\n")
    fields = [line.split() for line in site.log("flows") if f" {private} " in line]
    login = [f for f in fields if f[4] == private and f[6] == "22" and f[12] == "ACCEPT"]
    assert len(login) == 1
    assert int(login[0][8]) > 30
    assert login[0][3].startswith(("198.18.", "198.19."))
    calls = [f for f in fields if f[3] == private and f[4] == "209.85.202.94"]
    assert [(f[6], f[7], f[12]) for f in calls] == [("80", "6", "ACCEPT")]
    answers = [f for f in fields if f[3] == "209.85.202.94" and f[4] == private]
    assert [(f[5], f[6]) for f in answers] == [("80", calls[0][5])]


def test_only_a_running_instance_takes_a_proper_key(site: Site, key: Path) -> None:
    server = site.run()
    site.describe(server)
    connect = site.client("ec2-instance-connect")
    with pytest.raises(ClientError, match="InvalidArgsException"):
        connect.send_ssh_public_key(
            InstanceId=server, InstanceOSUser="ec2-user", SSHPublicKey="ssh-ed25519 " + "A" * 80
        )
    site.client("ec2").stop_instances(InstanceIds=[server])
    site.describe(server)
    with pytest.raises(ClientError, match="EC2InstanceStateInvalidException"):
        push(site, server, key)


def test_files_and_ports_are_not_handed_on(site: Site, ssh: Ssh, key: Path) -> None:
    server = site.run()
    site.describe(server)
    push(site, server, key)
    refused = ssh("-s", "sftp")
    assert "subsystem request failed" in refused.stderr
    forwarded = ssh("-o", "ExitOnForwardFailure=yes", "-R", "0:localhost:1", "true")
    assert "remote port forwarding failed" in forwarded.stderr


def test_a_key_is_good_for_a_minute_and_a_long_session_is_seen_each_minute(key: Path) -> None:
    clock = ManualClock(datetime.now(UTC))
    with LocalAws(region=REGION, clock=clock) as aws:
        administrator = aws.administrator
        client = client_factory(aws, administrator.access_key_id, administrator.secret_access_key)
        site = make_site(client)
        site.open_port(22, "0.0.0.0/0")
        client("logs").create_log_group(logGroupName="flows")
        make_flow_log(site, "flows", make_role(client, "f", "vpc-flow-logs.amazonaws.com", LOGS))
        server = site.run()
        own = site.describe(server)["PrivateIpAddress"]
        push(site, server, key)
        host, port = aws.ssh_endpoint.split(":")
        asyncio.run(_long_session(host, int(port), key, clock))
        windows = {
            line.split()[10]
            for line in site.log("flows")
            if line.split()[3] == own and line.split()[5] == "22"
        }
        assert len(windows) >= 2
        with pytest.raises(asyncssh.PermissionDenied):
            asyncio.run(_long_session(host, int(port), key, clock))


async def _long_session(host: str, port: int, key: Path, clock: ManualClock) -> None:
    async with asyncssh.connect(
        host, port, username="ec2-user", client_keys=[str(key)], known_hosts=None
    ) as connection:
        process = await connection.create_process(term_type="dumb")
        for command in ("echo one-$(echo 2)\n", "echo two-$(echo 4)\n"):
            process.stdin.write(command)
            await process.stdout.readuntil(f"{command[5:8]}-{2 if 'one' in command else 4}")
            clock.advance(70)
        process.stdin.write("exit\n")
        await process.wait()
