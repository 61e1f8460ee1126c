"""Faults that are switched on: empty pages, and zones without capacity."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.server import LocalAws
from pocketaws.testing import set_faults

from .conftest import REGION, ClientFactory
from .servers import Site, make_site
from .test_cloudformation_stacks import describe, steps

NO_FAULTS: dict[str, Any] = {
    "empty_pages": False,
    "stale_lists_seconds": 0.0,
    "no_capacity": [],
    "quotas": {},
}


@pytest.fixture(autouse=True)
def no_faults(local_aws: LocalAws) -> Iterator[None]:
    yield
    set_faults(local_aws, **NO_FAULTS)


def test_faults_are_off_until_somebody_switches_them_on(local_aws: LocalAws) -> None:
    assert set_faults(local_aws) == NO_FAULTS
    assert set_faults(local_aws, empty_pages=True) == {**NO_FAULTS, "empty_pages": True}
    assert set_faults(local_aws, no_capacity=["x"])["empty_pages"] is True


@pytest.mark.parametrize("wrong", [{"empty_page": True}, {"empty_pages": "yes"}, {"stale_lists_seconds": -1}])  # fmt: skip
def test_an_unknown_fault_or_value_is_refused_and_changes_nothing(
    local_aws: LocalAws, wrong: dict[str, Any]
) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        set_faults(local_aws, **wrong)
    assert caught.value.code == 400
    assert next(iter(wrong)) in caught.value.read().decode()
    assert set_faults(local_aws) == NO_FAULTS


def test_a_list_begins_with_an_empty_page_and_a_token(
    local_aws: LocalAws, member: ClientFactory, administrator: ClientFactory
) -> None:
    ssm, logs, organizations = member("ssm"), member("logs"), administrator("organizations")
    ssm.put_parameter(Name="/pages/a", Type="String", Value="x")
    logs.create_log_group(logGroupName="pages")
    logs.create_log_stream(logGroupName="pages", logStreamName="s")
    event = {"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": "m"}
    logs.put_log_events(logGroupName="pages", logStreamName="s", logEvents=[event])
    set_faults(local_aws, empty_pages=True)
    cases = [
        (ssm, "get_parameters_by_path", {"Path": "/pages"}, "Parameters"),
        (ssm, "describe_parameters", {}, "Parameters"),
        (logs, "filter_log_events", {"logGroupName": "pages"}, "events"),
        (organizations, "list_accounts", {}, "Accounts"),
    ]
    for client, name, params, key in cases:
        first = getattr(client, name)(**params)
        assert first[key] == []
        assert first.get("NextToken") or first.get("nextToken")
        pages = client.get_paginator(name).paginate(**params)
        assert [item for page in pages for item in page[key]], name


def test_a_zone_without_capacity_launches_and_starts_nothing(
    local_aws: LocalAws, member: ClientFactory
) -> None:
    site = make_site(member)
    ec2 = member("ec2")
    stopped = site.run()
    zone = site.describe(stopped)["Placement"]["AvailabilityZone"]
    ec2.stop_instances(InstanceIds=[stopped])
    set_faults(local_aws, no_capacity=[zone])
    for call in (site.run, lambda: ec2.start_instances(InstanceIds=[stopped])):
        with pytest.raises(ClientError) as caught:
            call()
        error = caught.value.response
        assert error["Error"]["Code"] == "InsufficientInstanceCapacity"
        assert zone in error["Error"]["Message"]
        assert error["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert site.describe(stopped)["State"]["Name"] == "stopped"
    other = next(z for z in (f"{REGION}a", f"{REGION}b") if z != zone)
    subnet = ec2.create_subnet(VpcId=site.vpc, CidrBlock="10.0.9.0/24", AvailabilityZone=other)
    assert site.run(SubnetId=subnet["Subnet"]["SubnetId"])


def test_a_stack_in_a_zone_without_capacity_rolls_back_with_the_reason(
    local_aws: LocalAws, member: ClientFactory
) -> None:
    site: Site = make_site(member, "stacked")
    cloudformation = member("cloudformation")
    template = {"Resources": {"Server": {"Type": "AWS::EC2::Instance", "Properties": {
        "ImageId": site.image, "InstanceType": "t3.micro", "SubnetId": site.subnet}}}}  # fmt: skip
    subnet = member("ec2").describe_subnets(SubnetIds=[site.subnet])["Subnets"][0]
    set_faults(local_aws, no_capacity=[subnet["AvailabilityZone"]])
    cloudformation.create_stack(StackName="full", TemplateBody=json.dumps(template))
    assert describe(cloudformation, "full")["StackStatus"] == "ROLLBACK_COMPLETE"
    status, reason = steps(cloudformation, "full", "Server")[1]
    assert status == "CREATE_FAILED"
    assert "We currently do not have sufficient t3.micro capacity" in str(reason)
    assert "(Service: Ec2, Status Code: 500" in str(reason)
