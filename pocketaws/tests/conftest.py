"""A running local AWS, and plain boto3 clients for it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from pocketaws import testing
from pocketaws.server import LocalAws
from pocketaws.testing import ClientFactory

from .shapes import watch

REGION = "eu-west-1"
Ssh = Callable[..., "subprocess.CompletedProcess[str]"]

# A busy machine is slow, and that is no failure.
settings.register_profile("any machine", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real records (``POCKETAWS_SAMPLES``); the test is skipped where there is none."""
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = Path(os.environ.get("POCKETAWS_SAMPLES", default))
    if not folder.is_dir():
        report = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        report(f"no real records at {folder}: set POCKETAWS_SAMPLES")
    return folder


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
    """Make clients whose answers are held against botocore's shapes."""
    make = testing.client_factory(aws, key, secret, token)
    return lambda service, **options: watch(make(service, **options))


def member_account(aws: LocalAws, administrator: ClientFactory, name: str) -> ClientFactory:
    """Make a member account and return its administrator's clients."""
    account = testing.create_account(administrator, name)
    return assume(aws, administrator, testing.administrator_role(account), "admin")


def assume(aws: LocalAws, factory: ClientFactory, role_arn: str, name: str) -> ClientFactory:
    """Return clients of a session of a role."""
    return client_factory(aws, *testing.session_keys(factory, role_arn, name))
