"""Who may do what, over real HTTP: roles and users with few rights, trust, boundaries, denials."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.identity.caller import service_caller
from pocketaws.identity.sts import role_session_caller
from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory, assume, client_factory, member_account

Maker = Callable[..., ClientFactory]


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: Any, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return document(statement)


def denied(call: Callable[..., Any], **params: Any) -> dict[str, Any]:
    """The error of a call that must be refused for lack of rights."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response
    assert "not authorized" in error["Error"]["Message"], error
    return error


@pytest.fixture(scope="module")
def account(member: ClientFactory) -> str:
    return str(member("sts").get_caller_identity()["Account"])


@pytest.fixture(scope="module")
def admin_arn(account: str) -> str:
    return f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"


@pytest.fixture
def role(
    local_aws: LocalAws, member: ClientFactory, account: str, admin_arn: str, request: Any
) -> Maker:
    """``role(statements…)``: clients of a fresh role with these rights."""
    made: list[str] = []

    def make(*statements: dict[str, Any], session: str = "ada") -> ClientFactory:
        name = f"r-{abs(hash(request.node.name)) % 10**8}-{len(made)}"
        made.append(name)
        member("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust({"AWS": admin_arn}))
        if statements:
            member("iam").put_role_policy(
                RoleName=name, PolicyName="p", PolicyDocument=document(*statements)
            )
        return assume(local_aws, member, f"arn:aws:iam::{account}:role/{name}", session)

    return make


DENIALS = [
    ("ec2", "describe_vpcs", {}, "UnauthorizedOperation", 403),
    ("iam", "list_users", {}, "AccessDenied", 403),
    ("ssm", "describe_parameters", {}, "AccessDeniedException", 400),
    ("sns", "list_topics", {}, "AuthorizationError", 403),
    ("s3", "list_buckets", {}, "AccessDenied", 403),
    ("logs", "describe_log_groups", {}, "AccessDeniedException", 400),
    ("cloudformation", "list_stacks", {}, "AccessDenied", 403),
    ("guardduty", "list_detectors", {}, "AccessDeniedException", 403),
]


@pytest.mark.parametrize(("service", "method", "params", "code", "status"), DENIALS)
def test_a_denial_speaks_the_services_own_protocol(
    role: Maker, service: str, method: str, params: dict[str, Any], code: str, status: int
) -> None:
    error = denied(getattr(role()(service), method), **params)
    assert error["Error"]["Code"] == code
    assert error["ResponseMetadata"]["HTTPStatusCode"] == status
    assert "because no identity-based policy allows the " in error["Error"]["Message"]


def test_a_denial_names_who_what_and_why(role: Maker, account: str) -> None:
    clients = role(
        allow("*"),
        {"Effect": "Deny", "Action": "ssm:GetParameter", "Resource": "*"},
    )
    message = denied(clients("ssm").get_parameter, Name="/a/b")["Error"]["Message"]
    who = clients("sts").get_caller_identity()["Arn"]
    assert message == (
        f"User: {who} is not authorized to perform: ssm:GetParameter on resource: "
        f"arn:aws:ssm:{REGION}:{account}:parameter/a/b with an explicit deny in an "
        "identity-based policy"
    )


def test_anybody_may_ask_who_they_are(role: Maker) -> None:
    everything = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    assert role(everything)("sts").get_caller_identity()["Account"]


def test_parameters_are_told_apart_by_their_path(
    role: Maker, member: ClientFactory, account: str
) -> None:
    ssm = member("ssm")
    for name in ("/lab/ada/answers/x", "/lab/ada/runs/1", "/lab/bob/answers/x"):
        ssm.put_parameter(Name=name, Value="v", Type="String")
    arn = f"arn:aws:ssm:{REGION}:{account}:parameter/lab/ada/answers"
    mine = role(
        allow(["ssm:GetParameter", "ssm:GetParameters", "ssm:PutParameter"], f"{arn}/*"),
        allow("ssm:GetParametersByPath", [arn]),
    )("ssm")
    assert mine.get_parameter(Name="/lab/ada/answers/x")["Parameter"]["Value"] == "v"
    assert mine.get_parameter(Name=f"{arn}/x")["Parameter"]["Value"] == "v"
    assert mine.get_parameters_by_path(Path="/lab/ada/answers")["Parameters"]
    mine.put_parameter(Name="/lab/ada/answers/x", Value="w", Type="String", Overwrite=True)
    denied(mine.get_parameter, Name="/lab/ada/runs/1")
    denied(mine.get_parameters, Names=["/lab/ada/answers/x", "/lab/bob/answers/x"])
    denied(mine.get_parameters_by_path, Path="/lab/ada")
    denied(mine.put_parameter, Name="/lab/bob/answers/x", Value="w", Type="String", Overwrite=True)
    denied(mine.delete_parameter, Name="/lab/ada/answers/x")


def test_log_groups_are_named_with_what_is_in_them(
    role: Maker, member: ClientFactory, account: str
) -> None:
    for name in ("one", "two"):
        member("logs").create_log_group(logGroupName=name)
    arn = f"arn:aws:logs:{REGION}:{account}:log-group:one"
    reads = ["logs:FilterLogEvents", "logs:DescribeLogStreams"]
    mine = role(allow(reads, f"{arn}:*"))("logs")
    assert mine.filter_log_events(logGroupName="one")["events"] == []
    assert mine.filter_log_events(logGroupIdentifier=arn)["events"] == []
    assert mine.describe_log_streams(logGroupName="one")["logStreams"] == []
    denied(mine.filter_log_events, logGroupName="two")
    denied(mine.delete_log_group, logGroupName="one")
    bare = role(allow(reads, arn))("logs")
    error = denied(bare.filter_log_events, logGroupName="one")
    assert f"on resource: {arn}:log-stream: " in error["Error"]["Message"]


def test_what_a_query_found_is_told_to_who_may_read_its_groups(
    role: Maker, member: ClientFactory, account: str
) -> None:
    for name in ("asked", "kept"):
        member("logs").create_log_group(logGroupName=name)
    arn = f"arn:aws:logs:{REGION}:{account}:log-group:asked:*"
    mine = role(allow(["logs:StartQuery", "logs:GetQueryResults"], arn))("logs")
    now = int(time.time())
    ask = {"startTime": now - 60, "endTime": now, "queryString": "fields @message"}
    query = mine.start_query(logGroupName="asked", **ask)["queryId"]
    assert mine.get_query_results(queryId=query)["results"] == []
    denied(mine.start_query, logGroupNames=["asked", "kept"], **ask)
    other = member("logs").start_query(logGroupName="kept", **ask)["queryId"]
    denied(mine.get_query_results, queryId=other)


@pytest.fixture(scope="module")
def network(member: ClientFactory) -> dict[str, str]:
    ec2 = member("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    groups = {
        team: ec2.create_security_group(
            GroupName=team, Description=team, VpcId=vpc,
            TagSpecifications=[
                {"ResourceType": "security-group", "Tags": [{"Key": "Team", "Value": team}]}
            ],
        )["GroupId"]
        for team in ("red", "blue")
    }  # fmt: skip
    return {"vpc": vpc, **groups}


PORT = [
    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "198.51.100.7/32"}]}
]


def test_resources_are_told_apart_by_their_tags(role: Maker, network: dict[str, str]) -> None:
    condition = {"StringEquals": {"aws:ResourceTag/Team": "red"}}
    mine = role(allow("ec2:AuthorizeSecurityGroupIngress", Condition=condition))("ec2")
    assert mine.authorize_security_group_ingress(GroupId=network["red"], IpPermissions=PORT)[
        "Return"
    ]
    denied(mine.authorize_security_group_ingress, GroupId=network["blue"], IpPermissions=PORT)


def test_log_groups_are_told_apart_by_their_tags(role: Maker, member: ClientFactory) -> None:
    admin = member("logs")
    admin.create_log_group(logGroupName="red", tags={"Team": "red"})
    admin.create_log_group(logGroupName="plain")
    condition = {"StringEquals": {"aws:ResourceTag/Team": "red"}}
    logs = role(allow("logs:DeleteLogGroup", Condition=condition))("logs")
    denied(logs.delete_log_group, logGroupName="plain")
    denied(logs.delete_log_group, logGroupName="unknown")
    logs.delete_log_group(logGroupName="red")
    admin.delete_log_group(logGroupName="plain")


def test_resources_are_told_apart_by_their_vpc(
    role: Maker, network: dict[str, str], account: str
) -> None:
    vpc = f"arn:aws:ec2:{REGION}:{account}:vpc/{network['vpc']}"
    right = role(
        allow("ec2:RevokeSecurityGroupIngress", Condition={"StringEquals": {"ec2:Vpc": vpc}})
    )("ec2")
    wrong = role(
        allow("ec2:RevokeSecurityGroupIngress", Condition={"StringEquals": {"ec2:Vpc": vpc + "0"}})
    )("ec2")
    denied(wrong.revoke_security_group_ingress, GroupId=network["blue"], IpPermissions=PORT)
    with pytest.raises(ClientError, match=r"InvalidPermission\.NotFound"):
        right.revoke_security_group_ingress(GroupId=network["blue"], IpPermissions=PORT)


def test_tags_given_at_creation_need_their_own_right(role: Maker, account: str) -> None:
    tagged = {
        "CidrBlock": "10.9.0.0/16",
        "TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}],
    }
    error = denied(role(allow("ec2:CreateVpc"))("ec2").create_vpc, **tagged)
    assert (
        f"ec2:CreateTags on resource: arn:aws:ec2:{REGION}:{account}:vpc/*"
        in error["Error"]["Message"]
    )
    condition = {"StringEquals": {"ec2:CreateAction": "CreateVpc", "aws:RequestTag/a": "b"}}
    creating = allow("ec2:CreateTags", Condition=condition)
    mine = role(allow("ec2:CreateVpc"), creating)("ec2")
    assert mine.create_vpc(**tagged)["Vpc"]["VpcId"]
    other = [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "c"}]}]
    denied(mine.create_vpc, CidrBlock="10.9.0.0/16", TagSpecifications=other)


def test_a_region_may_be_a_condition(role: Maker) -> None:
    condition = {"StringEquals": {"aws:RequestedRegion": REGION}}
    clients = role(allow(["ec2:DescribeVpcs", "iam:ListUsers"], Condition=condition))
    assert clients("ec2").describe_vpcs()["Vpcs"]
    denied(clients("ec2", region_name="us-west-2").describe_vpcs)
    denied(clients("iam").list_users)  # a global service is in us-east-1


def test_a_source_address_may_be_a_condition(role: Maker) -> None:
    outside = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    inside = {"IpAddress": {"aws:SourceIp": "198.18.0.0/15"}}
    denied(role(allow("ec2:DescribeVpcs", Condition=outside))("ec2").describe_vpcs)
    assert role(allow("ec2:DescribeVpcs", Condition=inside))("ec2").describe_vpcs()["Vpcs"]


def test_handing_over_a_role_needs_the_right_to(
    role: Maker, member: ClientFactory, network: dict[str, str]
) -> None:
    iam = member("iam")
    service = {"Service": "vpc-flow-logs.amazonaws.com"}
    handed = iam.create_role(RoleName="handed", AssumeRolePolicyDocument=trust(service))["Role"][
        "Arn"
    ]
    flow_log = {
        "ResourceIds": [network["vpc"]], "ResourceType": "VPC", "TrafficType": "ALL",
        "LogGroupName": "flows", "DeliverLogsPermissionArn": handed,
    }  # fmt: skip
    error = denied(role(allow("ec2:*"))("ec2").create_flow_logs, **flow_log)
    assert f"iam:PassRole on resource: {handed}" in error["Error"]["Message"]
    for passed, works in (("vpc-flow-logs", True), ("ec2", False)):
        condition = {"StringEquals": {"iam:PassedToService": f"{passed}.amazonaws.com"}}
        ec2 = role(allow("ec2:*"), allow("iam:PassRole", handed, Condition=condition))("ec2")
        if works:
            assert ec2.create_flow_logs(**flow_log)["FlowLogIds"]
        else:
            denied(ec2.create_flow_logs, **flow_log)


def test_users_have_what_their_groups_have(local_aws: LocalAws, member: ClientFactory) -> None:
    iam = member("iam")
    iam.create_user(UserName="grouped", Tags=[{"Key": "vpcs", "Value": "yes"}])
    key = iam.create_access_key(UserName="grouped")["AccessKey"]
    ec2 = client_factory(local_aws, key["AccessKeyId"], key["SecretAccessKey"])("ec2")
    denied(ec2.describe_vpcs)
    iam.create_group(GroupName="readers")
    condition = {"StringEquals": {"aws:PrincipalTag/vpcs": "yes", "aws:username": "grouped"}}
    iam.put_group_policy(
        GroupName="readers", PolicyName="p",
        PolicyDocument=document(allow("ec2:DescribeVpcs", Condition=condition)),
    )  # fmt: skip
    denied(ec2.describe_vpcs)
    iam.add_user_to_group(GroupName="readers", UserName="grouped")
    assert ec2.describe_vpcs()["Vpcs"]
    iam.remove_user_from_group(GroupName="readers", UserName="grouped")
    denied(ec2.describe_vpcs)


@pytest.mark.parametrize(
    ("name", "can", "cannot"),
    [
        ("AdministratorAccess", "iam:list_users", None),
        ("ReadOnlyAccess", "ec2:describe_vpcs", "iam:create_account_alias"),
        ("SecurityAudit", "iam:list_users", "ssm:get_parameters"),
        ("job-function/ViewOnlyAccess", "ec2:describe_vpcs", "s3:create_bucket"),
    ],
)
def test_policies_of_aws_are_there_by_name(
    local_aws: LocalAws, member: ClientFactory, account: str, admin_arn: str,
    name: str, can: str, cannot: str | None,
) -> None:  # fmt: skip
    iam = member("iam")
    role_name = name.replace("/", "-")
    iam.create_role(RoleName=role_name, AssumeRolePolicyDocument=trust({"AWS": admin_arn}))
    arn = f"arn:aws:iam::aws:policy/{name}"
    iam.attach_role_policy(RoleName=role_name, PolicyArn=arn)
    attached = iam.list_attached_role_policies(RoleName=role_name)["AttachedPolicies"]
    assert attached == [{"PolicyName": name.rpartition("/")[2], "PolicyArn": arn}]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    assert iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    clients = assume(local_aws, member, f"arn:aws:iam::{account}:role/{role_name}", "see")
    service, method = can.split(":")
    assert getattr(clients(service), method)()["ResponseMetadata"]
    params = {
        "create_account_alias": {"AccountAlias": "x1y"}, "get_parameters": {"Names": ["x"]},
        "create_bucket": {"Bucket": "not-made"},
    }  # fmt: skip
    if cannot is not None:
        service, method = cannot.split(":")
        denied(getattr(clients(service), method), **params[method])


def test_an_unknown_policy_of_aws_cannot_be_attached(member: ClientFactory) -> None:
    member("iam").create_role(
        RoleName="unattached", AssumeRolePolicyDocument=trust({"Service": "ec2.amazonaws.com"})
    )
    for arn in (
        "arn:aws:iam::aws:policy/NoSuchThing",
        "arn:aws:iam::aws:policy/job-function/ReadOnlyAccess",
    ):
        with pytest.raises(ClientError, match="NoSuchEntity"):
            member("iam").attach_role_policy(RoleName="unattached", PolicyArn=arn)


def test_a_boundary_bounds(local_aws: LocalAws, member: ClientFactory) -> None:
    iam = member("iam")
    boundary = iam.create_policy(
        PolicyName="bounds", PolicyDocument=document(allow(["ec2:*", "sts:*"]))
    )["Policy"]["Arn"]
    made = iam.create_user(UserName="bounded", PermissionsBoundary=boundary)["User"]
    assert made["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert (
        iam.get_user(UserName="bounded")["User"]["PermissionsBoundary"]
        == made["PermissionsBoundary"]
    )
    everything = document(allow("*"))
    iam.put_user_policy(UserName="bounded", PolicyName="all", PolicyDocument=everything)
    key = iam.create_access_key(UserName="bounded")["AccessKey"]
    clients = client_factory(local_aws, key["AccessKeyId"], key["SecretAccessKey"])
    assert clients("ec2").describe_vpcs()["Vpcs"]
    error = denied(clients("iam").list_users)
    assert "because no permissions boundary allows" in error["Error"]["Message"]
    with pytest.raises(ClientError, match="DeleteConflict"):
        iam.delete_policy(PolicyArn=boundary)
    iam.delete_user_permissions_boundary(UserName="bounded")
    assert "PermissionsBoundary" not in iam.get_user(UserName="bounded")["User"]
    assert clients("iam").list_users()["Users"]
    iam.put_user_permissions_boundary(UserName="bounded", PermissionsBoundary=boundary)
    denied(clients("iam").list_users)


# Trust.


def test_a_role_trusts_exactly_whom_it_names(
    member: ClientFactory, role: Maker, account: str, admin_arn: str
) -> None:
    iam = member("iam")
    arn = f"arn:aws:iam::{account}:role/guarded"
    iam.create_role(RoleName="guarded", AssumeRolePolicyDocument=trust({"AWS": admin_arn}))
    anybody = role(allow("*"))
    ask = {"RoleArn": arn, "RoleSessionName": "see"}
    error = denied(anybody("sts").assume_role, **ask)
    assert error["Error"]["Code"] == "AccessDenied"
    assert f"sts:AssumeRole on resource: {arn}" in error["Error"]["Message"]
    me = anybody("sts").get_caller_identity()["Arn"]
    mine = f"arn:aws:iam::{account}:role/{me.split('/')[1]}"
    poor = role()
    poor_role = (
        f"arn:aws:iam::{account}:role/{poor('sts').get_caller_identity()['Arn'].split('/')[1]}"
    )

    def trusting(principal: Any, **more: Any) -> None:
        iam.update_assume_role_policy(RoleName="guarded", PolicyDocument=trust(principal, **more))

    trusting({"AWS": mine})
    assert anybody("sts").assume_role(**ask)["Credentials"]
    denied(poor("sts").assume_role, **ask)
    trusting({"AWS": poor_role})  # named itself: no right of its own is needed
    assert poor("sts").assume_role(**ask)["Credentials"]
    trusting({"AWS": account})  # the account: its own policies decide
    assert anybody("sts").assume_role(**ask)["Credentials"]
    denied(poor("sts").assume_role, **ask)
    trusting({"Service": "ec2.amazonaws.com"})
    denied(anybody("sts").assume_role, **ask)
    trusting({"AWS": mine}, Condition={"StringEquals": {"sts:ExternalId": "42"}})
    denied(anybody("sts").assume_role, **ask)
    denied(anybody("sts").assume_role, ExternalId="43", **ask)
    assert anybody("sts").assume_role(ExternalId="42", **ask)["Credentials"]


def test_another_account_needs_both_sides(
    local_aws: LocalAws, administrator: ClientFactory, member: ClientFactory, account: str
) -> None:
    other = member_account(local_aws, administrator, "other")
    theirs = other("sts").get_caller_identity()["Account"]
    other("iam").create_role(
        RoleName="open", AssumeRolePolicyDocument=trust({"AWS": f"arn:aws:iam::{account}:root"})
    )
    other("iam").create_role(RoleName="shut", AssumeRolePolicyDocument=trust({"AWS": theirs}))
    ask = {"RoleSessionName": "visit"}
    arn = f"arn:aws:iam::{theirs}:role/"
    with pytest.raises(ClientError, match="AccessDenied"):
        member("sts").assume_role(RoleArn=arn + "shut", **ask)
    visit = assume(local_aws, member, arn + "open", "visit")
    assert visit("sts").get_caller_identity()["Account"] == theirs
    iam = member("iam")
    iam.create_user(UserName="traveller")
    key = iam.create_access_key(UserName="traveller")["AccessKey"]
    sts = client_factory(local_aws, key["AccessKeyId"], key["SecretAccessKey"])("sts")
    denied(sts.assume_role, RoleArn=arn + "open", **ask)
    iam.put_user_policy(
        UserName="traveller", PolicyName="go",
        PolicyDocument=document(allow("sts:AssumeRole", arn + "open")),
    )  # fmt: skip
    assert sts.assume_role(RoleArn=arn + "open", **ask)["Credentials"]


def test_a_role_that_is_not_there_is_refused_like_a_forbidden_one(
    member: ClientFactory, account: str
) -> None:
    ask = {"RoleArn": f"arn:aws:iam::{account}:role/nobody", "RoleSessionName": "see"}
    error = denied(member("sts").assume_role, **ask)
    assert error["Error"]["Code"] == "AccessDenied"


@pytest.fixture(scope="module")
def taggable(member: ClientFactory, account: str) -> str:
    """A role that anybody of the account may assume and tag; a session of it sees VPCs and users."""
    statement = {
        "Effect": "Allow", "Principal": {"AWS": account},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
    }  # fmt: skip
    member("iam").create_role(
        RoleName="taggable", AssumeRolePolicyDocument=document(statement), Path="/deep/er/",
        Tags=[{"Key": "team", "Value": "none"}], MaxSessionDuration=7200,
    )  # fmt: skip
    condition = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    member("iam").put_role_policy(
        RoleName="taggable", PolicyName="p",
        PolicyDocument=document(
            allow("iam:ListUsers", Condition=condition),
            allow(["ec2:DescribeVpcs", "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]),
        ),
    )  # fmt: skip
    return f"arn:aws:iam::{account}:role/deep/er/taggable"


def session_of(local_aws: LocalAws, made: dict[str, Any]) -> ClientFactory:
    keys = made["Credentials"]
    return client_factory(
        local_aws, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
    )


def test_a_session_has_the_tags_it_was_given(
    local_aws: LocalAws, member: ClientFactory, taggable: str
) -> None:
    ask = {"RoleArn": taggable, "RoleSessionName": "tagged"}
    plain = session_of(local_aws, member("sts").assume_role(**ask))
    denied(plain("iam").list_users)
    made = member("sts").assume_role(
        Tags=[{"Key": "team", "Value": "red"}], TransitiveTagKeys=["team"], **ask
    )
    assert made["PackedPolicySize"] >= 1
    red = session_of(local_aws, made)
    assert red("iam").list_users()["Users"]
    chained = session_of(local_aws, red("sts").assume_role(**ask))
    assert chained("iam").list_users()["Users"], "a transitive tag goes along"
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        red("sts").assume_role(Tags=[{"Key": "Team", "Value": "blue"}], **ask)


def test_a_source_identity_stays(local_aws: LocalAws, member: ClientFactory, taggable: str) -> None:
    ask = {"RoleArn": taggable, "RoleSessionName": "known"}
    made = member("sts").assume_role(SourceIdentity="ada", **ask)
    assert made["SourceIdentity"] == "ada"
    session = session_of(local_aws, made)
    assert session("sts").assume_role(**ask)["SourceIdentity"] == "ada"
    with pytest.raises(ClientError, match="AccessDenied"):
        session("sts").assume_role(SourceIdentity="bob", **ask)


def test_a_session_policy_limits(local_aws: LocalAws, member: ClientFactory, taggable: str) -> None:
    ask = {"RoleArn": taggable, "RoleSessionName": "limited"}
    limited = session_of(
        local_aws, member("sts").assume_role(Policy=document(allow("s3:*")), **ask)
    )
    error = denied(limited("ec2").describe_vpcs)
    assert "because no session policy allows" in error["Error"]["Message"]
    managed = [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    reader = session_of(local_aws, member("sts").assume_role(PolicyArns=managed, **ask))
    assert reader("ec2").describe_vpcs()["Vpcs"]


WRONG = [
    ({"DurationSeconds": 7201}, "ValidationError"),
    ({"DurationSeconds": 7200}, "1 hour session limit"),  # the caller is a session itself
    ({"RoleSessionName": "a b"}, "ValidationError"),
    ({"Policy": "{"}, "MalformedPolicyDocument"),
    ({"Policy": document(allow("s3:*", "arn:aws:s3:::" + "x" * 2048))}, "ValidationError"),
    ({"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/NoSuchThing"}]}, "ValidationError"),
    ({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]}, "InvalidParameterValue"),
    ({"TransitiveTagKeys": ["b"]}, "InvalidParameterValue"),
    ({"RoleArn": "arn:aws:iam::123456789012:user/not-a-role"}, "ValidationError|AccessDenied"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_what_sts_refuses(
    member: ClientFactory, taggable: str, change: dict[str, Any], message: str
) -> None:
    ask = {"RoleArn": taggable, "RoleSessionName": "wrong", **change}
    with pytest.raises(ClientError, match=message):
        member("sts").assume_role(**ask)


def test_what_was_taken_away_is_gone_at_once(
    local_aws: LocalAws, member: ClientFactory, account: str, admin_arn: str
) -> None:
    iam = member("iam")
    iam.create_role(RoleName="fading", AssumeRolePolicyDocument=trust({"AWS": admin_arn}))
    iam.put_role_policy(
        RoleName="fading", PolicyName="p", PolicyDocument=document(allow("ec2:DescribeVpcs"))
    )
    ec2 = assume(local_aws, member, f"arn:aws:iam::{account}:role/fading", "see")("ec2")
    assert ec2.describe_vpcs()["Vpcs"]
    iam.delete_role_policy(RoleName="fading", PolicyName="p")
    denied(ec2.describe_vpcs)
    iam.delete_role(RoleName="fading")
    denied(ec2.describe_vpcs)
    iam.create_role(RoleName="fading", AssumeRolePolicyDocument=trust({"AWS": admin_arn}))
    iam.put_role_policy(RoleName="fading", PolicyName="p", PolicyDocument=document(allow("*")))
    denied(ec2.describe_vpcs)  # a role made anew is another role


# Services.


def test_a_service_assumes_a_role_only_where_it_is_trusted(
    local_aws: LocalAws, member: ClientFactory, account: str
) -> None:
    source = f"arn:aws:ec2:{REGION}:{account}:vpc-flow-log/fl-1"
    condition = {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{REGION}:{account}:vpc-flow-log/*"},
    }
    flow = "vpc-flow-logs.amazonaws.com"
    arn = member("iam").create_role(
        RoleName="flows", AssumeRolePolicyDocument=trust({"Service": flow}, Condition=condition)
    )["Role"]["Arn"]
    world = local_aws.world
    with world.transaction():
        caller = role_session_caller(world, arn, "flow", flow, flow, flow, source_arn=source)
        assert caller.account == account
        other = f"arn:aws:ec2:{REGION}:{account}:vpc/vpc-1"
        for service, wrong in ((flow, other), (flow, None), ("ec2.amazonaws.com", source)):
            with pytest.raises(Exception, match="AccessDenied"):
                role_session_caller(world, arn, "flow", service, service, service, source_arn=wrong)


def test_a_service_publishes_only_where_the_topic_lets_it(
    local_aws: LocalAws, member: ClientFactory, account: str
) -> None:
    topic = member("sns").create_topic(Name="gate")["TopicArn"]
    rule = f"arn:aws:events:{REGION}:{account}:rule/alert"
    world = local_aws.world

    def publish(source: str) -> str:
        caller = service_caller("events.amazonaws.com", account, source)
        with world.transaction():
            return str(
                world.call(caller, "sns", "Publish", REGION, TopicArn=topic, Message="m")[
                    "MessageId"
                ]
            )

    with pytest.raises(Exception, match="AuthorizationError"):
        publish(rule)
    statement = {
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish",
        "Resource": topic, "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }  # fmt: skip
    member("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=document(statement)
    )
    assert publish(rule)
    with pytest.raises(Exception, match="AuthorizationError"):
        publish(rule + "2")


def test_what_a_service_does_for_a_principal_needs_the_principals_rights(
    local_aws: LocalAws, role: Maker
) -> None:
    via = {"StringEquals": {"aws:CalledViaFirst": "cloudformation.amazonaws.com"}}
    clients = role(
        allow("ec2:DescribeVpcs", Condition=via),
        allow("ec2:DescribeSubnets", Condition={"Bool": {"aws:ViaAWSService": "false"}}),
        allow("ec2:DescribeVolumes", Condition={"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
    )
    key = clients("sts")._request_signer._credentials.access_key
    denied(clients("ec2").describe_vpcs)
    assert clients("ec2").describe_subnets()["Subnets"]
    denied(clients("ec2").describe_volumes)
    from pocketaws.identity.credentials import find_key  # noqa: PLC0415

    world = local_aws.world
    with world.transaction():
        known = find_key(world, key, "127.0.0.1", "")
        assert known is not None
        through = known.caller.through("cloudformation.amazonaws.com")
        assert world.call(through, "ec2", "DescribeVpcs", REGION)["Vpcs"]
        assert "Volumes" in world.call(through, "ec2", "DescribeVolumes", REGION)
        with pytest.raises(Exception, match="UnauthorizedOperation"):
            world.call(through, "ec2", "DescribeSubnets", REGION)
