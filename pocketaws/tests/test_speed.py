"""A clock that runs faster than the wall's: clients sign and renew by their own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
import pytest
from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from pocketaws.server import LocalAws

HOUR = 3600
FAST = 2 * HOUR  # two hours pass in a second


@pytest.fixture(scope="module")
def fast() -> Iterator[LocalAws]:
    with LocalAws(speed=FAST) as running:
        time.sleep(0.5)
        yield running


def client(aws: LocalAws, service: str, **keys: str) -> Any:
    given = keys or {
        "aws_access_key_id": aws.administrator.access_key_id,
        "aws_secret_access_key": aws.administrator.secret_access_key,
    }
    return boto3.client(service, region_name=aws.region, endpoint_url=aws.endpoint, **given)


def test_answers_carry_its_time(fast: LocalAws) -> None:
    answer = client(fast, "sts").get_caller_identity()["ResponseMetadata"]["HTTPHeaders"]
    assert parsedate_to_datetime(answer["date"]) > datetime.now(UTC) + timedelta(minutes=30)


def test_a_session_lasts_its_time_on_the_wall(fast: LocalAws) -> None:
    account = client(fast, "organizations").create_account(AccountName="a", Email="a@example.com")
    role = f"arn:aws:iam::{account['CreateAccountStatus']['AccountId']}:role/OrganizationAccountAccessRole"
    keys = client(fast, "sts").assume_role(
        RoleArn=role, RoleSessionName="me", DurationSeconds=HOUR
    )["Credentials"]
    time.sleep(0.7)  # more than an hour there
    session = {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
    assert client(fast, "sts", **session).get_caller_identity()["Arn"].endswith("/me")


@pytest.mark.parametrize(("ahead", "status"), [("world", 200), ("between", 403)])
def test_a_client_that_goes_by_its_answers_may_sign_by_that_clock_and_by_no_other(
    fast: LocalAws, ahead: str, status: int
) -> None:
    now = datetime.now(UTC)
    there = fast.world.clock.now()
    assert there - now > timedelta(minutes=50)
    signed_at = there if ahead == "world" else now + (there - now) / 2
    key = fast.administrator
    request = AWSRequest(
        "POST", fast.endpoint + "/", data="Action=GetCallerIdentity&Version=2011-06-15",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    auth = SigV4Auth(Credentials(key.access_key_id, key.secret_access_key), "sts", fast.region)
    request.context["timestamp"] = signed_at.strftime(SIGV4_TIMESTAMP)
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    canonical = auth.canonical_request(request)
    signature = auth.signature(auth.string_to_sign(request, canonical), request)
    auth._inject_signature_to_request(request, signature)  # add_auth would sign by the wall
    assert URLLib3Session().send(request.prepare()).status_code == status
