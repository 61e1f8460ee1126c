"""For tests that run against the emulator: boto3 clients with its credentials, member accounts, and its inbox.

Example::

    with LocalAws() as aws:
        ec2 = administrator(aws)("ec2")
"""

from __future__ import annotations

import functools
import json
import urllib.request
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.loaders import Loader, create_loader
from botocore.session import Session as BotocoreSession

from .gateway.paths import ADMIN_PATH, TOKEN_HEADER
from .server import LocalAws

ClientFactory = Callable[..., Any]
"""``factory("ec2")`` makes a boto3 client."""


@functools.cache
def _loader() -> Loader:
    return create_loader()


def session(key: str, secret: str, token: str | None, region: str) -> boto3.Session:
    """A boto3 session that shares botocore's service models with all others.

    Each session of its own would read EC2's several megabytes again.
    """
    core = BotocoreSession()
    core.register_component("data_loader", _loader())
    core.set_credentials(key, secret, token)
    return boto3.Session(botocore_session=core, region_name=region)


def client_factory(aws: LocalAws, key: str, secret: str, token: str | None = None) -> ClientFactory:
    """Make clients with these credentials. They don't retry, so a test sees the first error."""
    made = session(key, secret, token, aws.region)

    def client(service: str, **options: Any) -> Any:
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        return made.client(service, endpoint_url=aws.endpoint, config=config, **options)

    return client


def administrator(aws: LocalAws) -> ClientFactory:
    """Clients of the management account's administrator."""
    key = aws.administrator
    return client_factory(aws, key.access_key_id, key.secret_access_key)


def create_account(factory: ClientFactory, name: str) -> str:
    """Create a member account and return its ID."""
    created = factory("organizations").create_account(Email=f"{name}@example.com", AccountName=name)
    account: str = created["CreateAccountStatus"]["AccountId"]
    return account


def session_keys(factory: ClientFactory, role_arn: str, name: str) -> tuple[str, str, str]:
    """Access key ID, secret key, and token of a new session of a role."""
    keys = factory("sts").assume_role(RoleArn=role_arn, RoleSessionName=name)["Credentials"]
    return keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]


def assume(aws: LocalAws, factory: ClientFactory, role_arn: str, name: str) -> ClientFactory:
    """Clients of a session of a role."""
    return client_factory(aws, *session_keys(factory, role_arn, name))


def administrator_role(account: str) -> str:
    """ARN of the role that Organizations creates in a member account."""
    return f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"


def inbox(aws: LocalAws) -> list[dict[str, Any]]:
    """The emails that SNS would have sent so far, oldest first."""
    mails: list[dict[str, Any]] = _ask(aws, "GET", "inbox")
    return mails


def set_faults(aws: LocalAws, **changes: Any) -> dict[str, Any]:
    """Switch faults on or off (``pocketaws.faults.Faults`` lists them), and return all of them."""
    found: dict[str, Any] = _ask(aws, "PUT", "faults", json.dumps(changes).encode())
    return found


def _ask(aws: LocalAws, method: str, path: str, body: bytes | None = None) -> Any:
    request = urllib.request.Request(  # noqa: S310 - http, on loopback
        f"{aws.endpoint}{ADMIN_PATH}{path}", body, {TOKEN_HEADER: aws.token}, method=method
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
        return json.load(answer)
