"""Event history, with an unmodified boto3."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.server import LocalAws

from .conftest import ClientFactory, member_account


@pytest.fixture
def fresh(
    local_aws: LocalAws, administrator: ClientFactory, request: pytest.FixtureRequest
) -> ClientFactory:
    """The administrator of an account that no other test has touched."""
    return member_account(local_aws, administrator, request.node.name[:50])


def look_up(factory: ClientFactory, key: str, value: str, **options: Any) -> list[dict[str, Any]]:
    attributes = [{"AttributeKey": key, "AttributeValue": value}]
    answer = factory("cloudtrail").lookup_events(LookupAttributes=attributes, **options)
    return list(answer["Events"])


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["EventName"] for event in events]


def resources(event: dict[str, Any]) -> set[tuple[str, str | None]]:
    return {(r["ResourceName"], r.get("ResourceType")) for r in event["Resources"]}


def launch(factory: ClientFactory) -> dict[str, Any]:
    """A running server in a network of its own."""
    ec2 = factory("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.5.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.5.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    made = ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro", UserData="#!/bin/sh\nsecret",
        NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet, "Groups": [group]}],
        BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}],
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "server"}]}
        ],
    )  # fmt: skip
    instance = made["Instances"][0]
    return {
        "vpc": vpc,
        "subnet": subnet,
        "group": group,
        "image": image,
        "instance": instance["InstanceId"],
        "interface": instance["NetworkInterfaces"][0]["NetworkInterfaceId"],
    }


def test_a_servers_history_is_found_by_its_id(fresh: ClientFactory) -> None:
    made = launch(fresh)
    ec2 = fresh("ec2")
    instance = made["instance"]
    ec2.describe_instances(InstanceIds=[instance])
    ec2.create_tags(Resources=[instance], Tags=[{"Key": "a", "Value": "b"}])
    ec2.stop_instances(InstanceIds=[instance])
    ec2.start_instances(InstanceIds=[instance])
    found = look_up(fresh, "ResourceName", instance)
    assert names(found) == ["StartInstances", "StopInstances", "CreateTags", "RunInstances"]
    assert resources(found[1]) == {(instance, "AWS::EC2::Instance")}
    assert resources(found[2]) == {(instance, None)}


def test_a_launch_lists_what_it_used_in_cloudtrails_order(
    fresh: ClientFactory, samples: Path
) -> None:
    made = launch(fresh)
    event = look_up(fresh, "EventName", "RunInstances")[0]
    text = (samples / "cloudtrail" / "event-history-resources.json").read_text()
    real = json.loads(text)["Resources"]["RunInstances"]
    kinds = list(dict.fromkeys(r["ResourceType"] for r in event["Resources"]))
    assert kinds == [k for k in dict.fromkeys(kind for _, kind in real) if k != "AWS::EC2::KeyPair"]
    assert resources(event) == {
        (made["vpc"], "AWS::EC2::VPC"),
        (made["image"], "AWS::EC2::Ami"),
        (made["interface"], "AWS::EC2::NetworkInterface"),
        (made["instance"], "AWS::EC2::Instance"),
        (made["group"], "AWS::EC2::SecurityGroup"),
        ("web", "AWS::EC2::SecurityGroup"),
        (made["subnet"], "AWS::EC2::Subnet"),
    }


def test_a_launchs_record_is_as_ec2_writes_it(fresh: ClientFactory) -> None:
    made = launch(fresh)
    record = json.loads(look_up(fresh, "EventName", "RunInstances")[0]["CloudTrailEvent"])
    said = record["requestParameters"]
    assert said["instancesSet"] == {
        "items": [{"imageId": made["image"], "minCount": 1, "maxCount": 1}]
    }
    assert said["userData"] == "<sensitiveDataRemoved>"
    assert said["networkInterfaceSet"]["items"][0]["groupSet"] == {
        "items": [{"groupId": made["group"]}]
    }
    assert said["tagSpecificationSet"]["items"] == [
        {"resourceType": "instance", "tags": [{"key": "Name", "value": "server"}]}
    ]
    instance = record["responseElements"]["instancesSet"]["items"][0]
    assert instance["instanceId"] == made["instance"]
    assert isinstance(instance["launchTime"], int)
    interface = instance["networkInterfaceSet"]["items"][0]
    assert interface["privateIpAddressesSet"]["item"][0]["primary"] is True
    assert record["responseElements"]["requestId"] == record["requestID"]
    assert "resources" not in record


def test_every_attribute_finds_its_events(fresh: ClientFactory) -> None:
    made = launch(fresh)
    event = look_up(fresh, "EventName", "RunInstances")[0]
    for key, value in {
        "EventId": event["EventId"],
        "EventName": "RunInstances",
        "ReadOnly": "false",
        "Username": "admin",
        "ResourceType": "AWS::EC2::NetworkInterface",
        "ResourceName": made["interface"],
        "EventSource": "ec2.amazonaws.com",
        "AccessKeyId": event["AccessKeyId"],
    }.items():
        found = look_up(fresh, key, value)
        assert event["EventId"] in [e["EventId"] for e in found], key
        assert look_up(fresh, key, f"not-{value}") == [], key
    assert names(look_up(fresh, "ReadOnly", "true"))[0] == "LookupEvents"


def test_pages_hold_fifty_and_their_tokens_are_bound(fresh: ClientFactory) -> None:
    ec2 = fresh("ec2")
    for _ in range(120):
        ec2.describe_regions()
    client = fresh("cloudtrail")
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "DescribeRegions"}]
    first = client.lookup_events(LookupAttributes=wanted)
    assert len(first["Events"]) == 50
    ec2.describe_regions()  # a newer event does not shift the pages
    second = client.lookup_events(LookupAttributes=wanted, NextToken=first["NextToken"])
    third = client.lookup_events(LookupAttributes=wanted, NextToken=second["NextToken"])
    assert [len(page["Events"]) for page in (second, third)] == [50, 20]
    assert "NextToken" not in third
    ids = [e["EventId"] for page in (first, second, third) for e in page["Events"]]
    assert len(set(ids)) == 120
    times = [e["EventTime"] for page in (first, second, third) for e in page["Events"]]
    assert times == sorted(times, reverse=True)
    other = [{"AttributeKey": "EventName", "AttributeValue": "DescribeVpcs"}]
    for token, attributes in ((first["NextToken"], other), ("nonsense", wanted)):
        with pytest.raises(ClientError) as caught:
            client.lookup_events(LookupAttributes=attributes, NextToken=token)
        assert caught.value.response["Error"]["Code"] == "InvalidNextTokenException"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"MaxResults": 51}, "InvalidMaxResultsException"),
        (
            {
                "StartTime": datetime(2026, 1, 2, tzinfo=UTC),
                "EndTime": datetime(2026, 1, 1, tzinfo=UTC),
            },
            "InvalidTimeRangeException",
        ),
        (
            {
                "LookupAttributes": [
                    {"AttributeKey": "EventName", "AttributeValue": "a"},
                    {"AttributeKey": "Username", "AttributeValue": "b"},
                ]
            },
            "InvalidLookupAttributesException",
        ),
        (
            {"LookupAttributes": [{"AttributeKey": "Colour", "AttributeValue": "a"}]},
            "InvalidLookupAttributesException",
        ),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    member: ClientFactory, params: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ClientError) as caught:
        member("cloudtrail").lookup_events(**params)
    assert caught.value.response["Error"]["Code"] == expected


def test_a_window_in_time_leaves_out_the_rest(fresh: ClientFactory) -> None:
    fresh("ec2").describe_regions()
    event = look_up(fresh, "EventName", "DescribeRegions")[0]
    at = event["EventTime"]
    second = timedelta(seconds=1)
    name = ("EventName", "DescribeRegions")
    assert len(look_up(fresh, *name, StartTime=at, EndTime=at)) == 1
    assert look_up(fresh, *name, StartTime=at + second, EndTime=at + 9 * second) == []
    assert look_up(fresh, *name, StartTime=at - 9 * second, EndTime=at - second) == []


def test_accounts_and_regions_have_their_own_history(
    fresh: ClientFactory, administrator: ClientFactory
) -> None:
    fresh("ec2", region_name="eu-central-1").describe_route_tables()
    assert look_up(fresh, "EventName", "DescribeRouteTables") == []
    assert look_up(administrator, "EventName", "DescribeRouteTables") == []
    there = fresh("cloudtrail", region_name="eu-central-1").lookup_events()["Events"]
    assert names(there) == ["DescribeRouteTables"]
