"""The Resource Groups Tagging API finds every service's tagged resources."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ClientFactory
from .servers import ALL, make_role

TAG = {"Key": "course", "Value": "blue"}
KEY, VALUE = TAG["Key"], TAG["Value"]
TEMPLATE = {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {}}}}


def found(client: ClientFactory, **options: Any) -> dict[str, dict[str, str]]:
    """ARN -> tags, over all pages."""
    region = options.pop("region", None)
    api = client("resourcegroupstaggingapi", **({"region_name": region} if region else {}))
    pages = api.get_paginator("get_resources").paginate(**options)
    return {
        item["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in item["Tags"]}
        for page in pages
        for item in page["ResourceTagMappingList"]
    }


def of_ec2(client: ClientFactory) -> set[str]:
    """Create one tagged resource of each EC2 type; returns the types and IDs that end the ARNs."""
    ec2 = client("ec2")

    def tags(kind: str) -> list[dict[str, Any]]:
        return [{"ResourceType": kind, "Tags": [TAG]}]

    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=tags("vpc"))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(
        VpcId=vpc, CidrBlock="10.1.0.0/24", TagSpecifications=tags("subnet")
    )["Subnet"]["SubnetId"]
    group = ec2.create_security_group(
        GroupName="g", Description="d", VpcId=vpc, TagSpecifications=tags("security-group")
    )["GroupId"]
    gateway = ec2.create_internet_gateway(TagSpecifications=tags("internet-gateway"))
    table = ec2.create_route_table(VpcId=vpc, TagSpecifications=tags("route-table"))
    pair = ec2.create_key_pair(KeyName="k", TagSpecifications=tags("key-pair"))
    client("logs").create_log_group(logGroupName="lines")
    role = make_role(client, "lines", "vpc-flow-logs.amazonaws.com", ALL)
    flow_log = ec2.create_flow_logs(
        ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogGroupName="lines",
        DeliverLogsPermissionArn=role, TagSpecifications=tags("vpc-flow-log"),
    )["FlowLogIds"][0]  # fmt: skip
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    instance = ec2.run_instances(
        ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnet,
        SecurityGroupIds=[group], TagSpecifications=[*tags("instance"), *tags("volume")],
    )["Instances"][0]  # fmt: skip
    volume = ec2.describe_volumes(
        Filters=[{"Name": "attachment.instance-id", "Values": [instance["InstanceId"]]}]
    )["Volumes"][0]["VolumeId"]
    return {
        f"vpc/{vpc}", f"subnet/{subnet}", f"security-group/{group}", f"vpc-flow-log/{flow_log}",
        f"internet-gateway/{gateway['InternetGateway']['InternetGatewayId']}",
        f"route-table/{table['RouteTable']['RouteTableId']}", f"key-pair/{pair['KeyPairId']}",
        f"instance/{instance['InstanceId']}", f"volume/{volume}",
    }  # fmt: skip


def of_the_others(client: ClientFactory, account: str) -> set[str]:
    """Create one tagged resource of each type in the other services; returns their ARNs."""
    here = f"eu-west-1:{account}"
    client("logs").create_log_group(logGroupName="/made/by/hand", tags={KEY: VALUE})
    client("s3").create_bucket(
        Bucket="files-of-the-course", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    client("s3").put_bucket_tagging(Bucket="files-of-the-course", Tagging={"TagSet": [TAG]})
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::files-of-the-course", "arn:aws:s3:::files-of-the-course/*"],
    }
    client("s3").put_bucket_policy(
        Bucket="files-of-the-course",
        Policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    trail = client("cloudtrail").create_trail(
        Name="everything", S3BucketName="files-of-the-course", TagsList=[TAG]
    )
    detector = client("guardduty").create_detector(Enable=True, Tags={KEY: VALUE})["DetectorId"]
    client("s3").put_object(Bucket="files-of-the-course", Key="bad.txt", Body=b"192.0.2.7\n")
    listed = client("guardduty").create_threat_intel_set(
        DetectorId=detector, Name="bad", Format="TXT", Activate=False, Tags={KEY: VALUE},
        Location="https://s3.amazonaws.com/files-of-the-course/bad.txt",
    )["ThreatIntelSetId"]  # fmt: skip
    rule = client("events").put_rule(Name="r", EventPattern='{"source":["x"]}', Tags=[TAG])
    topic = client("sns").create_topic(Name="t", Tags=[TAG])
    group = client("scheduler").create_schedule_group(Name="s", Tags=[TAG])
    client("athena").create_work_group(Name="w", Tags=[TAG])
    client("glue").create_database(DatabaseInput={"Name": "d"}, Tags={KEY: VALUE})
    client("ssm").put_parameter(Name="/course/x", Value="1", Type="String", Tags=[TAG])
    stack = client("cloudformation").create_stack(
        StackName="of-groups", TemplateBody=json.dumps(TEMPLATE), Tags=[TAG]
    )["StackId"]
    client("cloudformation").get_waiter("stack_create_complete").wait(StackName=stack)
    made = client("cloudformation").describe_stack_resource(
        StackName=stack, LogicalResourceId="Group"
    )["StackResourceDetail"]["PhysicalResourceId"]
    return {
        f"arn:aws:logs:{here}:log-group:/made/by/hand", f"arn:aws:logs:{here}:log-group:{made}",
        "arn:aws:s3:::files-of-the-course", trail["TrailARN"], rule["RuleArn"], topic["TopicArn"],
        f"arn:aws:guardduty:{here}:detector/{detector}",
        f"arn:aws:guardduty:{here}:detector/{detector}/threatintelset/{listed}",
        group["ScheduleGroupArn"], f"arn:aws:athena:{here}:workgroup/w",
        f"arn:aws:glue:{here}:database/d", f"arn:aws:ssm:{here}:parameter/course/x", stack,
    }  # fmt: skip


@pytest.fixture(scope="module")
def account(member: ClientFactory) -> str:
    return str(member("sts").get_caller_identity()["Account"])


@pytest.fixture(scope="module")
def made(member: ClientFactory, account: str) -> set[str]:
    """Return the ARNs of all tagged resources."""
    ec2 = {f"arn:aws:ec2:eu-west-1:{account}:{part}" for part in of_ec2(member)}
    return ec2 | of_the_others(member, account)


def test_everything_tagged_is_found_and_nothing_else(member: ClientFactory, made: set[str]) -> None:
    by_tag = found(member, TagFilters=[{"Key": KEY, "Values": [VALUE, "red"]}])
    assert set(by_tag) == made
    assert {tags[KEY] for tags in by_tag.values()} == {VALUE}
    assert set(found(member)) == made, "what has no tag is not returned"


def test_a_stacks_resources_have_the_systems_tags(member: ClientFactory, made: set[str]) -> None:
    of_stack = found(
        member, TagFilters=[{"Key": "aws:cloudformation:stack-name", "Values": ["of-groups"]}]
    )
    assert len(of_stack) == 1
    assert set(of_stack) < made
    assert next(iter(of_stack.values()))["aws:cloudformation:logical-id"] == "Group"


def test_all_filters_must_let_a_resource_through(member: ClientFactory, made: set[str]) -> None:
    assert made
    extra = {"Key": "stage", "Value": "dusk"}
    member("ssm").put_parameter(
        Name="/course/y", Value="1", Type="String", Tags=[{"Key": KEY, "Value": "green"}, extra]
    )
    both = [{"Key": KEY}, {"Key": "stage", "Values": ["dawn", "dusk"]}]
    assert [name.rpartition("/")[2] for name in found(member, TagFilters=both)] == ["y"]
    assert found(member, TagFilters=[{"Key": KEY, "Values": ["dusk"]}]) == {}
    member("ssm").delete_parameter(Name="/course/y")
    assert found(member, TagFilters=both) == {}


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("ec2:vpc-flow-log", ":vpc-flow-log/"),
        ("ec2:instance", ":instance/"),
        ("guardduty:detector/threatintelset", "/threatintelset/"),
        ("s3:bucket", "s3:::"),
        ("logs", ":logs:"),
        ("athena:workgroup", ":workgroup/"),
    ],
)
def test_types_choose_by_service_or_by_kind(
    member: ClientFactory, made: set[str], kind: str, part: str
) -> None:
    expected = {arn for arn in made if part in arn}
    assert expected
    assert set(found(member, ResourceTypeFilters=[kind])) == expected


def test_pages_hold_each_resource_once(member: ClientFactory, made: set[str]) -> None:
    api = member("resourcegroupstaggingapi")
    first = api.get_resources(ResourcesPerPage=5)
    assert len(first["ResourceTagMappingList"]) == 5
    pages = list(api.get_paginator("get_resources").paginate(PaginationConfig={"PageSize": 5}))
    arns = [item["ResourceARN"] for page in pages for item in page["ResourceTagMappingList"]]
    assert sorted(arns) == sorted(made)
    assert pages[-1]["PaginationToken"] == ""


def test_arns_choose_what_is_wanted(member: ClientFactory, made: set[str]) -> None:
    two = sorted(made)[:2]
    assert set(found(member, ResourceARNList=two)) == set(two)
    with pytest.raises(ClientError) as refused:
        found(member, ResourceARNList=two, TagFilters=[{"Key": KEY}])
    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"


def test_iam_policies_and_profiles_appear_in_one_region_and_roles_in_none(
    member: ClientFactory,
) -> None:
    iam = member("iam")
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    policy = iam.create_policy(
        PolicyName="p", PolicyDocument=document, Tags=[{"Key": "of", "Value": "iam"}]
    )["Policy"]["Arn"]
    profile = iam.create_instance_profile(
        InstanceProfileName="p", Tags=[{"Key": "of", "Value": "iam"}]
    )["InstanceProfile"]["Arn"]
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName="r",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        Tags=[{"Key": "of", "Value": "iam"}],
    )
    wanted = [{"Key": "of", "Values": ["iam"]}]
    assert set(found(member, region="us-east-1", TagFilters=wanted)) == {policy, profile}
    assert found(member, TagFilters=wanted) == {}


def test_other_accounts_and_regions_see_nothing(
    administrator: ClientFactory, member: ClientFactory, made: set[str]
) -> None:
    assert made
    wanted = [{"Key": KEY}]
    assert found(administrator, TagFilters=wanted) == {}
    assert found(member, region="eu-central-1", TagFilters=wanted) == {}


def test_an_unknown_pagination_token_is_rejected(member: ClientFactory) -> None:
    with pytest.raises(ClientError) as refused:
        member("resourcegroupstaggingapi").get_resources(PaginationToken="of-my-own")
    assert refused.value.response["Error"]["Code"] == "PaginationTokenExpiredException"
