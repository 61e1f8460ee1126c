"""A running local AWS, and plain boto3 clients for it."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from labkit.localaws.server import LocalAws

from .shapes import watch

REGION = "eu-west-1"
ClientFactory = Callable[..., Any]
Ssh = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """A fresh local AWS without delays, over real HTTP."""
    with LocalAws(region=REGION) as aws:
        yield aws


@pytest.fixture(scope="module")
def administrator(local_aws: LocalAws) -> ClientFactory:
    """``administrator("ec2")``: a client of the management account's administrator."""
    key = local_aws.administrator
    return client_factory(local_aws, key.access_key_id, key.secret_access_key)


@pytest.fixture(scope="module")
def member(administrator: ClientFactory, local_aws: LocalAws) -> ClientFactory:
    """``member("ec2")``: a client of the administrator of one member account."""
    return member_account(local_aws, administrator, "member")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """An ed25519 key, its public half beside it, by OpenSSH's own program."""
    path = tmp_path / "key"
    subprocess.run(  # noqa: S603 - words of our own
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path],  # noqa: S607
        check=True,
    )
    return path


@pytest.fixture
def ssh(local_aws: LocalAws, key: Path) -> Ssh:
    """``ssh("id")``: the OpenSSH client with that key; ``text`` is what is typed."""
    host, port = local_aws.ssh_endpoint.split(":")

    def run(
        *words: str, text: str = "", user: str = "ec2-user"
    ) -> subprocess.CompletedProcess[str]:
        options = ["-F", "none", "-i", str(key), "-p", port, "-o", "IdentitiesOnly=yes"]
        for option in (
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "LogLevel=ERROR",
        ):
            options += ["-o", option]
        return subprocess.run(  # noqa: S603 - words of our own
            ["ssh", *options, *words[:-1], f"{user}@{host}", *words[-1:]],  # noqa: S607
            input=text, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip

    return run


def client_factory(aws: LocalAws, key: str, secret: str, token: str | None = None) -> ClientFactory:
    """Make clients with these credentials, without retries; their answers are held against botocore's shapes."""
    session = boto3.Session(key, secret, token, REGION)

    def client(service: str, **options: Any) -> Any:
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        made = session.client(service, endpoint_url=aws.endpoint, config=config, **options)
        return watch(made)

    return client


def member_account(aws: LocalAws, administrator: ClientFactory, name: str) -> ClientFactory:
    """Make a member account and return its administrator's clients."""
    made = administrator("organizations").create_account(
        Email=f"{name}@example.com", AccountName=name
    )
    account = made["CreateAccountStatus"]["AccountId"]
    return assume(
        aws, administrator, f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", "admin"
    )


def assume(aws: LocalAws, factory: ClientFactory, role_arn: str, name: str) -> ClientFactory:
    """Return clients of a session of a role."""
    made = factory("sts").assume_role(RoleArn=role_arn, RoleSessionName=name)
    keys = made["Credentials"]
    return client_factory(aws, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def inbox(aws: LocalAws) -> list[dict[str, Any]]:
    """The mails that were sent so far, in order."""
    request = urllib.request.Request(  # noqa: S310 - our own, on loopback
        f"{aws.endpoint}/_labkit/inbox", headers={"X-Labkit-Token": aws.token}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own, on loopback
        mails: list[dict[str, Any]] = json.load(answer)
    return mails
