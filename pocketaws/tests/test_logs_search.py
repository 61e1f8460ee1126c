"""Searches with filter patterns, through boto3 and the AWS CLI."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory

NOW = int(datetime.now(UTC).timestamp() * 1000)
FLOW = "2 1 eni-{n} 10.0.0.{n} {address} 49152 80 6 5 400 1 2 {action} OK"
TRAIL = {"eventName": "StopInstances", "sourceIPAddress": "198.51.100.7", "readOnly": False}


@pytest.fixture(scope="module")
def logs(administrator: ClientFactory) -> Any:
    """Two groups: one with flow log records in 30 streams, one with trail records."""
    client = administrator("logs")
    client.create_log_group(logGroupName="flow")
    for n in range(30):
        lines = [
            FLOW.format(n=n, address="209.85.202.94", action="ACCEPT"),
            FLOW.format(n=n, address="198.51.100.9", action="REJECT"),
        ]
        put(client, "flow", f"eni-{n}-all", lines, NOW - 1000 * n)
    client.create_log_group(logGroupName="trail")
    records = [{**TRAIL, "number": n, "readOnly": n % 2 == 0} for n in range(200)]
    put(client, "trail", "trail", [json.dumps(record) for record in records], NOW)
    return client


def put(client: Any, group: str, stream: str, lines: list[str], when: int) -> None:
    client.create_log_stream(logGroupName=group, logStreamName=stream)
    events = [{"timestamp": when, "message": line} for line in lines]
    client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def count(client: Any, group: str, pattern: str, size: int = 7) -> int:
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern=pattern, PaginationConfig={"PageSize": size}
    )
    ids = [event["eventId"] for page in pages for event in page["events"]]
    assert len(ids) == len(set(ids))
    return len(ids)


@pytest.mark.parametrize(
    ("group", "pattern", "expected"),
    [
        ("flow", "209.85.202.94", 30),
        ("flow", "209.85.202.94 REJECT", 0),
        ("flow", "?ACCEPT ?REJECT", 60),
        ("flow", "-ACCEPT", 30),
        ("flow", '"eni-7 "', 2),
        ("flow", r"%10\.0\.0\.1[0-9] %", 20),
        ("flow", "[v, a, eni=eni-1*, src, dst=198.51.*, ..., action, status]", 11),
        ("flow", "[v, a, eni, src, dst, sp, dp = 80, p, pk, bytes > 400, ...]", 0),
        ("trail", "{ $.eventName = StopInstances && $.readOnly IS TRUE }", 100),
        ("trail", "{ $.number >= 10 && $.number < 12.5 || $.number = 199 }", 4),
        ("trail", "{ $.userIdentity NOT EXISTS }", 200),
        ("trail", "{ $.* = %^198% }", 200),
        ("trail", "ACCEPT", 0),
    ],
)
def test_every_kind_of_pattern_finds_its_events(
    logs: Any, group: str, pattern: str, expected: int
) -> None:
    assert count(logs, group, pattern) == expected
    assert count(logs, group, pattern, size=10_000) == expected


def test_an_invalid_pattern_is_rejected(logs: Any) -> None:
    with pytest.raises(ClientError, match="Invalid filter pattern") as caught:
        logs.filter_log_events(logGroupName="flow", filterPattern="a@b")
    assert caught.value.response["Error"]["Code"] == "InvalidParameterException"


@pytest.fixture
def aws_cli(local_aws: LocalAws) -> Callable[..., list[str]]:
    """``aws_cli("logs", …)``: the arguments for running the AWS CLI."""
    executable = shutil.which("aws")
    if executable is None:
        pytest.skip("there is no AWS CLI (aws) on this machine")

    def arguments(*words: str) -> list[str]:
        return [executable, "--endpoint-url", local_aws.endpoint, "logs", *words]

    return arguments


@pytest.fixture
def cli_environment(local_aws: LocalAws, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_ACCESS_KEY_ID": local_aws.administrator.access_key_id,
        "AWS_SECRET_ACCESS_KEY": local_aws.administrator.secret_access_key,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_PAGER": "",
        "PYTHONUNBUFFERED": "1",
    }


def run(arguments: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(  # noqa: S603 - the AWS CLI against the local AWS
        arguments, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_cli_filters_events(
    logs: Any, aws_cli: Callable[..., list[str]], cli_environment: dict[str, str]
) -> None:
    assert logs
    command = aws_cli(
        "filter-log-events", "--log-group-name", "flow", "--filter-pattern", "209.85.202.94",
        "--log-stream-name-prefix", "eni-2", "--output", "json",
    )  # fmt: skip
    found = json.loads(run(command, cli_environment))["events"]
    names = {event["logStreamName"] for event in found}
    assert names == {"eni-2-all", *(f"eni-{n}-all" for n in range(20, 30))}


def test_the_cli_tails_a_group_and_follows_it(
    logs: Any, aws_cli: Callable[..., list[str]], cli_environment: dict[str, str]
) -> None:
    version = run([aws_cli()[0], "--version"], cli_environment)
    if version.startswith("aws-cli/1."):
        pytest.skip("version 1 of the AWS CLI has no `aws logs tail`")
    logs.create_log_group(logGroupName="tailed")
    put(logs, "tailed", "one", ["first"], int(time.time() * 1000))
    assert run(aws_cli("tail", "tailed", "--format", "short"), cli_environment).endswith("first\n")
    follow = subprocess.Popen(  # noqa: S603 - the AWS CLI against the local AWS
        aws_cli("tail", "tailed", "--follow", "--format", "short"),
        env=cli_environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert follow.stdout is not None
        assert follow.stdout.readline().endswith("first\n")
        put(logs, "tailed", "two", ["second"], int(time.time() * 1000))
        assert follow.stdout.readline().endswith("second\n")
    finally:
        follow.kill()
        follow.communicate()


def test_a_group_can_be_followed_like_the_cli_does(logs: Any) -> None:
    """Do what version 2's ``logs tail --follow`` does.

    It reads all pages, then reads again from the latest time and drops known event IDs.
    """
    logs.create_log_group(logGroupName="followed")
    begin = int(time.time() * 1000) - 600_000
    search = {"logGroupName": "followed", "interleaved": True, "startTime": begin}
    seen: dict[str, str] = {}
    for stream in ("one", "two", "three"):
        put(logs, "followed", stream, [f"{stream} a", f"{stream} b"], int(time.time() * 1000))
        pages = logs.get_paginator("filter_log_events").paginate(**search)
        for event in (event for page in pages for event in page["events"]):
            seen.setdefault(event["eventId"], event["message"])
            search["startTime"] = max(search["startTime"], event["timestamp"])
    assert list(seen.values()) == [f"{s} {x}" for s in ("one", "two", "three") for x in "ab"]
