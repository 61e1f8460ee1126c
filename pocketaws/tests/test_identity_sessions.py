"""Sessions over time, with a clock of their own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws

from .conftest import REGION, client_factory, member_account


def test_sessions_end() -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    with LocalAws(region=REGION, clock=clock) as aws:
        key = aws.administrator
        admin = client_factory(aws, key.access_key_id, key.secret_access_key)
        member = member_account(aws, admin, "ending")
        assert member("sts").get_caller_identity()["Account"]
        clock.advance(3601)
        for service, method, code in (
            ("sts", "get_caller_identity", "ExpiredToken"),
            ("ssm", "describe_parameters", "ExpiredTokenException"),
            ("ec2", "describe_vpcs", "RequestExpired"),
            ("s3", "list_buckets", "ExpiredToken"),
        ):
            with pytest.raises(ClientError) as caught:
                getattr(member(service), method)()
            assert caught.value.response["Error"]["Code"] == code
