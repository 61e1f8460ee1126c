"""The policy simulator: what a principal could do, by which policy, and what an organization forbids."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ClientFactory
from .servers import make_role

ROLE = "simulated"


@pytest.fixture(scope="module")
def arn(member: ClientFactory) -> str:
    make_role(member, ROLE, "ec2.amazonaws.com")
    iam = member("iam")
    statements = [
        {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::mine/*"},
        {"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*",
         "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
        {"Effect": "Deny", "Action": "iam:*", "Resource": "*"},
    ]  # fmt: skip
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=ROLE, PolicyName="own", PolicyDocument=document)
    return str(iam.get_role(RoleName=ROLE)["Role"]["Arn"])


def simulate(
    member: ClientFactory, arn: str, *actions: str, **options: Any
) -> list[dict[str, Any]]:
    answer = member("iam").simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=list(actions), **options
    )
    results: list[dict[str, Any]] = answer["EvaluationResults"]
    return results


def decisions(results: list[dict[str, Any]]) -> list[str]:
    return [result["EvalDecision"] for result in results]


def test_each_action_is_decided_with_the_policy_that_decides(
    member: ClientFactory, arn: str
) -> None:
    results = simulate(member, arn, "s3:GetObject", "iam:GetRole", "logs:GetLogEvents",
                       ResourceArns=["arn:aws:s3:::mine/key"])  # fmt: skip
    assert [r["EvalActionName"] for r in results] == ["s3:GetObject", "iam:GetRole", "logs:GetLogEvents"]  # fmt: skip
    assert decisions(results) == ["allowed", "explicitDeny", "implicitDeny"]
    own = [{"SourcePolicyId": "own", "SourcePolicyType": "role"}]
    assert [r["MatchedStatements"] for r in results] == [own, own, []]


def test_resources_are_decided_one_by_one(member: ClientFactory, arn: str) -> None:
    mine, other = "arn:aws:s3:::mine/key", "arn:aws:s3:::other/key"
    (result,) = simulate(member, arn, "s3:GetObject", ResourceArns=[mine, other])
    assert result["EvalDecision"] == "implicitDeny"
    found = {r["EvalResourceName"]: r["EvalResourceDecision"] for r in result["ResourceSpecificResults"]}  # fmt: skip
    assert found == {mine: "allowed", other: "implicitDeny"}


def test_conditions_need_values_and_the_simulator_says_which(
    member: ClientFactory, arn: str
) -> None:
    (without,) = simulate(member, arn, "ec2:RunInstances")
    assert without["EvalDecision"] == "implicitDeny"
    assert without["MissingContextValues"] == ["aws:requestedregion"]
    entry = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyType": "string"}
    for region, wanted in (("eu-west-1", "allowed"), ("us-east-1", "implicitDeny")):
        given = [{**entry, "ContextKeyValues": [region]}]
        (result,) = simulate(member, arn, "ec2:RunInstances", ContextEntries=given)
        assert (result["EvalDecision"], result["MissingContextValues"]) == (wanted, [])
    keys = member("iam").get_context_keys_for_principal_policy(PolicySourceArn=arn)
    assert keys["ContextKeyNames"] == ["aws:RequestedRegion"]


def test_more_policies_and_a_boundary_take_part(member: ClientFactory, arn: str) -> None:
    logs = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}  # fmt: skip
    (result,) = simulate(member, arn, "logs:GetLogEvents", PolicyInputList=[json.dumps(logs)])
    assert result["EvalDecision"] == "allowed"
    assert result["MatchedStatements"] == [{"SourcePolicyId": "PolicyInputList.1"}]
    bounded = simulate(
        member, arn, "s3:GetObject", "logs:GetLogEvents", PolicyInputList=[json.dumps(logs)],
        PermissionsBoundaryPolicyInputList=[json.dumps(logs)], ResourceArns=["arn:aws:s3:::mine/key"],
    )  # fmt: skip
    assert decisions(bounded) == ["implicitDeny", "allowed"]
    assert [r["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"] for r in bounded] == [False, True]  # fmt: skip


def test_users_have_the_policies_of_their_groups(member: ClientFactory) -> None:
    iam = member("iam")
    iam.create_user(UserName="ada")
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(UserName="ada", GroupName="readers")
    iam.attach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    user = iam.get_user(UserName="ada")["User"]["Arn"]
    results = simulate(member, user, "ec2:DescribeInstances", "ec2:RunInstances")
    assert decisions(results) == ["allowed", "implicitDeny"]
    assert results[0]["MatchedStatements"] == [
        {"SourcePolicyId": "ReadOnlyAccess", "SourcePolicyType": "aws-managed"}
    ]


def test_an_organization_that_forbids_is_named(
    administrator: ClientFactory, member: ClientFactory, arn: str
) -> None:
    organizations = administrator("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}  # fmt: skip
    made = organizations.create_policy(
        Name="no-s3", Description="d", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(deny)
    )["Policy"]["PolicySummary"]["Id"]
    account = member("sts").get_caller_identity()["Account"]
    organizations.attach_policy(PolicyId=made, TargetId=account)
    (result,) = simulate(member, arn, "s3:GetObject", ResourceArns=["arn:aws:s3:::mine/key"])
    organizations.detach_policy(PolicyId=made, TargetId=account)
    assert result["EvalDecision"] == "explicitDeny"
    assert result["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    (again,) = simulate(member, arn, "s3:GetObject", ResourceArns=["arn:aws:s3:::mine/key"])
    assert again["EvalDecision"] == "allowed"


def test_unknown_principals_bad_policies_and_long_lists(member: ClientFactory, arn: str) -> None:
    with pytest.raises(ClientError, match="NoSuchEntity"):
        simulate(member, arn.replace(ROLE, "nobody"), "s3:GetObject")
    with pytest.raises(ClientError, match="InvalidInput"):
        simulate(member, arn, "s3:GetObject", PolicyInputList=["{}"])
    with pytest.raises(ClientError, match="NotImplemented"):
        simulate(member, arn, "s3:GetObject", ResourceOwner="111122223333")
    actions = [f"s3:Get{number}" for number in range(130)]
    pages = member("iam").get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=arn, ActionNames=actions, ResourceArns=["arn:aws:s3:::mine/k"]
    )  # fmt: skip
    assert [r["EvalActionName"] for page in pages for r in page["EvaluationResults"]] == actions
