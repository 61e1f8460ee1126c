"""A session that AWS calls expired is renewed, and the call repeated."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import ClientError

from labkit.aws.botocore_sessions import botocore_session
from labkit.aws.renewal import renew_expired

_EXPIRED = (
    b"<ErrorResponse><Error><Code>ExpiredToken</Code><Message>x</Message></Error></ErrorResponse>"
)
_ANSWER = (
    b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>210000000001</Account>"
    b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


class _Body(io.BytesIO):
    def stream(self, **_: Any) -> Any:
        yield self.read()


def session_with(tokens: list[str]) -> boto3.Session:
    """A session whose credentials get the next token with each renewal."""

    def renew() -> dict[str, str]:
        later = datetime.now(UTC) + timedelta(hours=1)
        return {
            "access_key": "AKIA", "secret_key": "secret", "token": tokens.pop(0),
            "expiry_time": later.isoformat(),
        }  # fmt: skip

    core = botocore_session()
    core._credentials = RefreshableCredentials.create_from_metadata(
        metadata=renew(), refresh_using=renew, method="test"
    )
    return boto3.Session(botocore_session=core, region_name="eu-west-1")


def client_where(session: boto3.Session, expired: set[str], used: list[str]) -> Any:
    """A client of STS that refuses some tokens and sends nothing anywhere."""
    client = session.client("sts", endpoint_url="http://127.0.0.1:1")

    def answer(request: Any, **_: Any) -> AWSResponse:
        token = request.headers["X-Amz-Security-Token"]
        used.append(token.decode() if isinstance(token, bytes) else token)
        refused = used[-1] in expired
        status, body = (403, _EXPIRED) if refused else (200, _ANSWER)
        return AWSResponse(request.url, status, {}, _Body(body))

    client.meta.events.register("before-send", answer)
    renew_expired(client, session)
    return client


def test_an_expired_session_is_renewed_and_the_call_repeated() -> None:
    used: list[str] = []
    client = client_where(session_with(["old", "new"]), {"old"}, used)

    assert client.get_caller_identity()["Account"] == "210000000001"
    assert used == ["old", "new"]


def test_a_session_that_stays_expired_is_an_error() -> None:
    used: list[str] = []
    tokens = [f"t{number}" for number in range(9)]
    client = client_where(session_with(list(tokens)), set(tokens), used)

    with pytest.raises(ClientError, match="ExpiredToken"):
        client.get_caller_identity()
    assert used == ["t0", "t1", "t2"]
