"""Regions that an account has to enable before it can use them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.account.regions import CHANGE_SECONDS
from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws
from pocketaws.testing import administrator as administrator_of

from .conftest import REGION, ClientFactory

OPT_IN = "eu-south-1"


def code(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return str(caught.value.response["Error"]["Code"])


def names(ec2: Any, **options: Any) -> dict[str, str]:
    found = ec2.describe_regions(**options)["Regions"]
    return {each["RegionName"]: each["OptInStatus"] for each in found}


def test_a_region_must_be_enabled_before_it_can_be_used(member: ClientFactory) -> None:
    account, ec2 = member("account"), member("ec2")
    assert (
        account.get_region_opt_status(RegionName=REGION)["RegionOptStatus"] == "ENABLED_BY_DEFAULT"
    )
    assert account.get_region_opt_status(RegionName=OPT_IN)["RegionOptStatus"] == "DISABLED"
    assert OPT_IN not in names(ec2)
    assert names(ec2, AllRegions=True)[OPT_IN] == "not-opted-in"
    assert names(ec2, RegionNames=[OPT_IN]) == {OPT_IN: "not-opted-in"}
    there: dict[str, Any] = {"region_name": OPT_IN}
    assert code(member("ec2", **there).describe_vpcs) == "AuthFailure"
    assert code(member("guardduty", **there).list_detectors) == "UnrecognizedClientException"
    assert code(member("cloudformation", **there).list_stacks) == "InvalidClientTokenId"
    account.enable_region(RegionName=OPT_IN)
    assert account.get_region_opt_status(RegionName=OPT_IN)["RegionOptStatus"] == "ENABLED"
    assert names(ec2)[OPT_IN] == "opted-in"
    assert member("ec2", **there).describe_vpcs()["Vpcs"]
    account.disable_region(RegionName=OPT_IN)
    assert code(member("ec2", **there).describe_vpcs) == "AuthFailure"


def test_lists_of_regions_have_pages_and_filters(member: ClientFactory) -> None:
    account = member("account")
    pages = account.get_paginator("list_regions").paginate(PaginationConfig={"PageSize": 10})
    found = {r["RegionName"]: r["RegionOptStatus"] for page in pages for r in page["Regions"]}
    assert len(found) > 30
    default = account.list_regions(RegionOptStatusContains=["ENABLED_BY_DEFAULT"])["Regions"]
    assert len(default) == 17
    assert code(account.get_region_opt_status, RegionName="eu-nowhere-1") == "ValidationException"
    assert code(account.disable_region, RegionName=REGION) == "ValidationException"


def test_the_management_account_sees_the_regions_of_others(
    administrator: ClientFactory, member: ClientFactory
) -> None:
    theirs = member("sts").get_caller_identity()["Account"]
    status = administrator("account").get_region_opt_status(AccountId=theirs, RegionName=OPT_IN)
    assert status["RegionOptStatus"] == "DISABLED"
    ours = administrator("sts").get_caller_identity()["Account"]
    options = {"AccountId": ours, "RegionName": OPT_IN}
    assert code(member("account").get_region_opt_status, **options) == "AccessDeniedException"


def test_on_aws_enabling_takes_minutes() -> None:
    clock = ManualClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    with LocalAws(region=REGION, delays="aws", clock=clock) as aws:
        account = administrator_of(aws)("account")
        account.enable_region(RegionName=OPT_IN)
        assert account.get_region_opt_status(RegionName=OPT_IN)["RegionOptStatus"] == "ENABLING"
        assert code(account.disable_region, RegionName=OPT_IN) == "ConflictException"
        assert code(administrator_of(aws)("ec2", region_name=OPT_IN).describe_vpcs) == "AuthFailure"
        clock.advance(CHANGE_SECONDS)
        assert administrator_of(aws)("ec2", region_name=OPT_IN).describe_vpcs()["Vpcs"]
