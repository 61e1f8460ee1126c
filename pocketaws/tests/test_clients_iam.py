"""IAM's answers from moto, by a plain boto3 client."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.server import LocalAws

from .conftest import ClientFactory, client_factory

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def document(*actions: str) -> str:
    allow = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow]})


def tags(listed: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in listed}


@pytest.fixture(scope="module")
def iam(member: ClientFactory) -> Any:
    return member("iam")


def test_a_group_gives_its_members_policies_until_they_leave(iam: Any) -> None:
    iam.create_group(GroupName="crew")
    iam.create_user(UserName="mate")
    iam.add_user_to_group(GroupName="crew", UserName="mate")
    iam.attach_group_policy(GroupName="crew", PolicyArn=READ_ONLY)
    iam.put_group_policy(GroupName="crew", PolicyName="own", PolicyDocument=document("s3:List*"))

    assert [user["UserName"] for user in iam.get_group(GroupName="crew")["Users"]] == ["mate"]
    pages = iam.get_paginator("list_attached_group_policies").paginate(GroupName="crew")
    assert [p["PolicyArn"] for page in pages for p in page["AttachedPolicies"]] == [READ_ONLY]
    assert iam.list_group_policies(GroupName="crew")["PolicyNames"] == ["own"]
    own = iam.get_group_policy(GroupName="crew", PolicyName="own")["PolicyDocument"]
    assert own == json.loads(document("s3:List*"))
    of_mate = iam.get_paginator("list_groups_for_user").paginate(UserName="mate")
    assert [group["GroupName"] for page in of_mate for group in page["Groups"]] == ["crew"]
    groups = iam.get_paginator("list_groups").paginate()
    assert "crew" in [group["GroupName"] for page in groups for group in page["Groups"]]

    iam.detach_group_policy(GroupName="crew", PolicyArn=READ_ONLY)
    iam.delete_group_policy(GroupName="crew", PolicyName="own")
    iam.remove_user_from_group(GroupName="crew", UserName="mate")
    iam.delete_group(GroupName="crew")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_group(GroupName="crew")


def test_a_user_is_renamed_with_what_belongs_to_it(iam: Any, local_aws: LocalAws) -> None:
    iam.create_user(UserName="cook", Tags=[{"Key": "deck", "Value": "2"}])
    iam.attach_user_policy(UserName="cook", PolicyArn=READ_ONLY)
    iam.put_user_policy(UserName="cook", PolicyName="own", PolicyDocument=document("sns:*"))
    iam.tag_user(UserName="cook", Tags=[{"Key": "ship", "Value": "x"}])
    iam.untag_user(UserName="cook", TagKeys=["deck"])
    key = iam.create_access_key(UserName="cook")["AccessKey"]
    iam.create_user(UserName="taken")
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        iam.update_user(UserName="cook", NewUserName="Taken")
    iam.update_user(UserName="cook", NewUserName="chef")
    iam.get_waiter("user_exists").wait(UserName="chef")
    cook = client_factory(local_aws, key["AccessKeyId"], key["SecretAccessKey"])
    assert cook("sts").get_caller_identity()["Arn"].endswith(":user/chef")
    iam.delete_access_key(UserName="chef", AccessKeyId=key["AccessKeyId"])

    assert iam.get_user(UserName="chef")["User"]["Arn"].endswith(":user/chef")
    assert tags(iam.list_user_tags(UserName="chef")["Tags"]) == {"ship": "x"}
    assert iam.list_user_policies(UserName="chef")["PolicyNames"] == ["own"]
    own = iam.get_user_policy(UserName="chef", PolicyName="own")
    assert own["PolicyDocument"] == json.loads(document("sns:*"))
    attached = iam.list_attached_user_policies(UserName="chef")["AttachedPolicies"]
    assert attached == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user(UserName="cook")

    iam.detach_user_policy(UserName="chef", PolicyArn=READ_ONLY)
    iam.delete_user_policy(UserName="chef", PolicyName="own")
    iam.delete_user(UserName="chef")
    assert "chef" not in {user["UserName"] for user in iam.list_users()["Users"]}


def test_a_role_is_described_limited_and_tagged(iam: Any) -> None:
    iam.create_role(RoleName="pilot", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.update_role(RoleName="pilot", Description="of the harbour", MaxSessionDuration=7200)
    role = iam.get_role(RoleName="pilot")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("of the harbour", 7200)
    renamed = iam.update_role_description(RoleName="pilot", Description="of the river")["Role"]
    assert renamed["Description"] == "of the river"

    iam.put_role_permissions_boundary(RoleName="pilot", PermissionsBoundary=READ_ONLY)
    bound = iam.get_role(RoleName="pilot")["Role"]["PermissionsBoundary"]
    assert bound["PermissionsBoundaryArn"] == READ_ONLY
    iam.delete_role_permissions_boundary(RoleName="pilot")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="pilot")["Role"]

    iam.tag_role(RoleName="pilot", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.untag_role(RoleName="pilot", TagKeys=["a"])
    assert tags(iam.list_role_tags(RoleName="pilot")["Tags"]) == {"b": "2"}


def test_a_profile_holds_one_role_until_it_is_taken_out(iam: Any) -> None:
    iam.create_role(RoleName="engine", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_instance_profile(InstanceProfileName="engine")
    iam.get_waiter("instance_profile_exists").wait(InstanceProfileName="engine")
    iam.add_role_to_instance_profile(InstanceProfileName="engine", RoleName="engine")
    iam.tag_instance_profile(InstanceProfileName="engine", Tags=[{"Key": "k", "Value": "v"}])
    of_role = iam.list_instance_profiles_for_role(RoleName="engine")["InstanceProfiles"]
    assert [(p["InstanceProfileName"], p["Roles"][0]["RoleName"]) for p in of_role] == [
        ("engine", "engine")
    ]
    profile = iam.get_instance_profile(InstanceProfileName="engine")["InstanceProfile"]
    assert tags(profile["Tags"]) == {"k": "v"}
    iam.untag_instance_profile(InstanceProfileName="engine", TagKeys=["k"])
    profile = iam.get_instance_profile(InstanceProfileName="engine")["InstanceProfile"]
    assert profile.get("Tags", []) == []

    iam.remove_role_from_instance_profile(InstanceProfileName="engine", RoleName="engine")
    iam.delete_instance_profile(InstanceProfileName="engine")
    pages = iam.get_paginator("list_instance_profiles").paginate()
    left = [p["InstanceProfileName"] for page in pages for p in page["InstanceProfiles"]]
    assert "engine" not in left


def test_a_policy_has_versions_tags_and_holders(iam: Any) -> None:
    made = iam.create_policy(PolicyName="charts", PolicyDocument=document("s3:Get*"))["Policy"]
    arn = made["Arn"]
    iam.get_waiter("policy_exists").wait(PolicyArn=arn)
    second = iam.create_policy_version(PolicyArn=arn, PolicyDocument=document("s3:*"))
    assert second["PolicyVersion"]["IsDefaultVersion"] is False
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    pages = iam.get_paginator("list_policy_versions").paginate(PolicyArn=arn)
    versions = {v["VersionId"]: v["IsDefaultVersion"] for p in pages for v in p["Versions"]}
    assert versions == {"v1": False, "v2": True}

    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.untag_policy(PolicyArn=arn, TagKeys=["b"])
    assert tags(iam.list_policy_tags(PolicyArn=arn)["Tags"]) == {"a": "1"}

    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.attach_role_policy(RoleName="reader", PolicyArn=arn)
    holders = iam.list_entities_for_policy(PolicyArn=arn)
    assert [role["RoleName"] for role in holders["PolicyRoles"]] == ["reader"]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1


def test_the_list_of_policies_has_all_that_aws_manages(iam: Any) -> None:
    def listed(**options: Any) -> dict[str, dict[str, Any]]:
        pages = iam.get_paginator("list_policies").paginate(**options)
        return {policy["Arn"]: policy for page in pages for policy in page["Policies"]}

    own = iam.create_policy(PolicyName="mine", PolicyDocument=document("s3:Get*"))["Policy"]["Arn"]
    managed = listed(Scope="AWS")
    assert len(managed) > 1000
    assert {arn.split(":")[4] for arn in managed} == {"aws"}
    full = managed["arn:aws:iam::aws:policy/AdministratorAccess"]
    assert full["PolicyName"] == "AdministratorAccess"
    assert full["DefaultVersionId"].startswith("v")
    assert full["IsAttachable"] is True
    assert own in listed(Scope="Local")
    assert not set(managed) & set(listed(Scope="Local"))
    assert set(listed()) == set(managed) | set(listed(Scope="Local"))
    jobs = listed(Scope="AWS", PathPrefix="/job-function/")
    assert "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess" in jobs
    assert len(jobs) < 50

    iam.create_user(UserName="viewer")
    iam.attach_user_policy(UserName="viewer", PolicyArn=READ_ONLY)
    attached = listed(OnlyAttached=True, Scope="AWS")
    assert READ_ONLY in attached
    assert attached[READ_ONLY]["AttachmentCount"] >= 1
    assert "arn:aws:iam::aws:policy/IAMFullAccess" not in attached
    first = iam.list_policies(Scope="AWS", MaxItems=7)
    assert (len(first["Policies"]), first["IsTruncated"]) == (7, True)


def test_the_account_is_told_as_a_whole(iam: Any) -> None:
    iam.create_account_alias(AccountAlias="the-old-harbour")
    assert iam.list_account_aliases()["AccountAliases"] == ["the-old-harbour"]
    iam.delete_account_alias(AccountAlias="the-old-harbour")
    assert iam.list_account_aliases()["AccountAliases"] == []

    before = iam.get_account_summary()["SummaryMap"]
    iam.create_user(UserName="counted")
    iam.create_role(RoleName="counted", AssumeRolePolicyDocument=json.dumps(TRUST))
    after = iam.get_account_summary()["SummaryMap"]
    assert after["Users"] == before["Users"] + 1
    assert after["Roles"] == before["Roles"] + 1

    pages = list(iam.get_paginator("get_account_authorization_details").paginate())
    roles = {role["RoleName"]: role for page in pages for role in page["RoleDetailList"]}
    assert roles["counted"]["AssumeRolePolicyDocument"] == TRUST
    assert "counted" in {user["UserName"] for page in pages for user in page["UserDetailList"]}


def test_a_name_that_is_not_there_is_said_so(iam: Any) -> None:
    for method, name in (("get_role", "RoleName"), ("get_user", "UserName")):
        with pytest.raises(ClientError) as refused:
            getattr(iam, method)(**{name: "nobody"})
        assert refused.value.response["Error"]["Code"] == "NoSuchEntity"
        assert "nobody" in refused.value.response["Error"]["Message"]
