"""``labkit local``: one emulator and two, what they tell other commands, and their state."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from pocketaws.running import EVERYWHERE

from .desk import LABKIT, Desk, Server, free_port, run


@pytest.fixture(scope="module")
def other(server: Server) -> Iterator[Server]:
    """A second emulator of the same user, on other ports and without a data directory."""
    running = Server(server.folder)
    try:
        yield running.start()
    finally:
        running.stop()


def identity(environment: dict[str, str]) -> str:
    arn: str = Desk(Path(), environment).client("sts").get_caller_identity()["Arn"]
    return arn


def test_two_run_beside_each_other_and_are_found_by_port_or_endpoint(
    server: Server, other: Server
) -> None:
    status = server.local("status", "--json").json
    assert status["endpoint"] == f"http://127.0.0.1:{server.port}"
    assert status["data"] == str(server.data)
    assert other.local("status", "--json").json["data"] is None
    by_endpoint = {**other.base, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{other.port}"}
    said = run("local", "status", folder=server.folder, environment=by_endpoint)
    assert f":{other.port}," in said.out
    made = Desk(server.folder, other.environment()).client("s3")
    made.create_bucket(
        Bucket="only-there", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    here = Desk(server.folder, server.environment()).client("s3")
    assert [b["Name"] for b in here.list_buckets()["Buckets"]] == []


def test_a_second_one_on_the_same_port_is_refused(server: Server) -> None:
    for more in ((), ("--detach",)):
        said = run(
            "local", "start", "--port", str(server.port), "--ssh-port", str(free_port()), *more,
            folder=server.folder, environment=server.base, code=2,
        )  # fmt: skip
        assert f"already runs on port {server.port}." in said.err
        assert len(said.err.splitlines()) == 2


def test_a_taken_ssh_port_is_told_and_nothing_stays(server: Server) -> None:
    port = str(free_port())
    said = run(
        "local", "start", "--port", port, "--ssh-port", str(server.ssh_port),
        folder=server.folder, environment=server.base, code=3,
    )  # fmt: skip
    assert "--ssh-port" in said.err
    run("local", "status", "--port", port, folder=server.folder, environment=server.base, code=3)


def test_a_second_process_on_the_same_directory_is_refused(server: Server) -> None:
    said = run(
        "local", "start", "--port", str(free_port()), "--ssh-port", str(free_port()), "--data",
        str(server.data), "--detach", folder=server.folder, environment=server.base, code=2,
    )  # fmt: skip
    assert "in use by another process" in said.err
    assert "--data" in said.err
    server.local("status")


def test_one_that_is_open_to_the_network_says_so_and_can_be_reached(tmp_path: Path) -> None:
    opened = Server(tmp_path, ("--host", EVERYWHERE))
    try:
        opened.start()
        assert f"http://127.0.0.1:{opened.port}" in opened.local("status").out
        assert opened.local("status", "--json").json["host"] == EVERYWHERE
        here = opened.environment()
        assert here["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{opened.port}"
        assert here["LABKIT_SSH_ENDPOINT"] == f"127.0.0.1:{opened.ssh_port}"
        assert ":root" in identity(here) or ":user/" in identity(here)
        there = opened.environment(
            "--host", "127.0.0.2"
        )  # this machine too, but not by its loopback name
        assert there["AWS_ENDPOINT_URL"] == f"http://127.0.0.2:{opened.port}"
        assert there["LABKIT_SSH_ENDPOINT"] == f"127.0.0.2:{opened.ssh_port}"
        assert there["LABKIT_CHECKIP_URL"].startswith(f"http://127.0.0.2:{opened.port}/")
        assert identity(there) == identity(here)
        # The address printed for others also finds it.
        said = run("local", "status", folder=tmp_path, environment={**opened.base, **there})
        assert f":{opened.port}," in said.out
    finally:
        opened.stop()
    told = (tmp_path / "server.log").read_text()
    assert "Open to the network" in told
    assert EVERYWHERE not in told
    assert max(map(len, told.splitlines())) <= 80


def test_one_on_loopback_gives_no_lines_to_others(server: Server) -> None:
    said = server.local("env", "--host", "192.0.2.7", code=2)
    assert "--host 0.0.0.0" in said.err
    assert "IPv4" in server.local("start", "--host", "::1", code=2).err


@pytest.mark.skipif(sys.platform == "win32", reason="there are no mode bits")
def test_only_its_user_can_read_its_word_and_its_state(server: Server) -> None:
    note = server.folder / "runtime" / "pocketaws" / f"{server.port}.json"
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert stat.S_IMODE(note.parent.stat().st_mode) == 0o700
    assert server.data is not None
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    open_to_others = [
        path for path in server.data.rglob("*") if path.is_file() and path.stat().st_mode & 0o077
    ]
    assert open_to_others == []
    assert json.loads(note.read_text())["token"] not in server.local("status", "--json").out


def test_env_speaks_the_shells(server: Server) -> None:
    sh = server.local("env").out
    assert f"export AWS_ENDPOINT_URL='http://127.0.0.1:{server.port}'\n" in sh
    assert "unset AWS_SESSION_TOKEN\n" in sh
    power = server.local("env", "--shell", "powershell").out
    assert f"$env:AWS_ENDPOINT_URL = 'http://127.0.0.1:{server.port}'\n" in power
    assert "Remove-Item Env:AWS_SESSION_TOKEN" in power
    cmd = server.local("env", "--shell", "cmd").out
    assert f"set AWS_ENDPOINT_URL=http://127.0.0.1:{server.port}\n" in cmd
    assert "set AWS_SESSION_TOKEN=\n" in cmd
    names = [line.split("=")[0].split()[-1] for line in cmd.splitlines()]
    assert names == [
        "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "AWS_DEFAULT_REGION", "LABKIT_SSH_ENDPOINT", "LABKIT_CHECKIP_URL",
    ]  # fmt: skip


def test_env_is_of_whom_it_is_asked_for(server: Server) -> None:
    instructor = server.environment()
    assert identity(instructor).endswith(":user/administrator")
    made = Desk(server.folder, instructor).client("organizations").create_account(
        AccountName="one", Email="one@example.com"
    )  # fmt: skip
    account = made["CreateAccountStatus"]["AccountId"]
    assert f":{account}:" in identity(server.environment("--account", account))
    role = server.environment("--account", account, "--role", "OrganizationAccountAccessRole")
    assert f"::{account}:assumed-role/OrganizationAccountAccessRole/" in identity(role)
    assert role["AWS_SESSION_TOKEN"]
    for unknown in (("--account", "999999999999"), ("--role", "nobody")):
        assert "There is no role" in server.local("env", *unknown, code=2).err
    assert boto3.__version__


def test_the_inbox_is_the_users_and_starts_empty(server: Server) -> None:
    assert server.local("inbox", "--json").json == []
    assert server.local("inbox").out == ""


def test_commands_about_one_that_does_not_run_end_with_3(server: Server) -> None:
    port = str(free_port())
    for verb in ("status", "env", "inbox", "stop"):
        said = run(
            "local", verb, "--port", port, folder=server.folder, environment=server.base, code=3
        )
        assert port in said.err
        assert "local start" in said.err


def test_one_of_another_user_is_not_found(server: Server, tmp_path: Path) -> None:
    stranger = {**server.base, "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)}
    said = run(
        "local", "env", "--port", str(server.port), folder=tmp_path, environment=stranger, code=3
    )
    assert said.out == ""


def test_detached_it_is_ready_and_found_when_the_command_returns_and_gone_when_stopped(
    tmp_path: Path,
) -> None:
    detached = Server(tmp_path, data=tmp_path / "data")
    command = detached.command[len(LABKIT) :]
    for _ in range(2):
        run(*command, "--detach", folder=tmp_path, environment=detached.base)
        assert identity(detached.environment()).endswith("user/administrator")
        detached.local("stop")  # port and directory are free again, as the second start proves
        detached.local("status", code=3)
