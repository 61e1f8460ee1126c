"""IAM where moto lets pass what IAM refuses, with plain boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ClientFactory

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


TRUST = document(
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
)


@pytest.fixture(scope="module")
def iam(member: ClientFactory) -> Any:
    return member("iam")


@pytest.fixture(scope="module")
def account(member: ClientFactory) -> str:
    return str(member("sts").get_caller_identity()["Account"])


def code(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return str(caught.value.response["Error"]["Code"])


def test_unique_ids_tell_what_they_are_of(iam: Any) -> None:
    ids = {
        "AIDA": iam.create_user(UserName="id")["User"]["UserId"],
        "AROA": iam.create_role(RoleName="id", AssumeRolePolicyDocument=TRUST)["Role"]["RoleId"],
        "AGPA": iam.create_group(GroupName="id")["Group"]["GroupId"],
        "AIPA": iam.create_instance_profile(InstanceProfileName="id")["InstanceProfile"][
            "InstanceProfileId"
        ],
        "ANPA": iam.create_policy(PolicyName="id", PolicyDocument=document(READ))["Policy"][
            "PolicyId"
        ],
        "AKIA": iam.create_access_key(UserName="id")["AccessKey"]["AccessKeyId"],
    }
    for prefix, found in ids.items():
        assert found.startswith(prefix)
        assert len(found) == (20 if prefix == "AKIA" else 21)
        assert found.isalnum()
        assert found.isupper()
    assert iam.get_user(UserName="id")["User"]["UserId"] == ids["AIDA"]
    profile = iam.get_instance_profile(InstanceProfileName="id")["InstanceProfile"]
    assert profile["InstanceProfileId"] == ids["AIPA"]


TRUSTS = [
    "{not json",
    "[]",
    document(READ),
    document({"Effect": "Allow", "Action": "sts:AssumeRole"}),
    document({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}),
    document({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}),
    document({"Effect": "Allow", "Principal": {"AWS": "nobody"}, "Action": "sts:AssumeRole"}),
    document({"Effect": "Maybe", "Principal": "*", "Action": "sts:AssumeRole"}),
]


@pytest.mark.parametrize("trust", TRUSTS)
def test_a_role_needs_a_trust_policy(iam: Any, trust: str) -> None:
    made = {"RoleName": "untrusted", "AssumeRolePolicyDocument": trust}
    assert code(iam.create_role, **made) == "MalformedPolicyDocument"
    assert code(iam.get_role, RoleName="untrusted") == "NoSuchEntity"


def test_a_trust_policy_names_principals_that_exist(iam: Any, account: str) -> None:
    gone = f"arn:aws:iam::{account}:role/never-there"
    trust = document({"Effect": "Allow", "Principal": {"AWS": gone}, "Action": "sts:AssumeRole"})
    with pytest.raises(ClientError, match=f'Invalid principal in policy: "AWS":"{gone}"'):
        iam.create_role(RoleName="untrusted", AssumeRolePolicyDocument=trust)


IDENTITY = [
    "{not json",
    document({**READ, "Principal": "*"}),
    document({"Effect": "Allow", "Action": "s3:GetObject"}),
    document({"Effect": "Allow", "Resource": "*"}),
    document({**READ, "Condition": {"StringMatches": {"a:b": "c"}}}),
]


@pytest.mark.parametrize("policy", IDENTITY)
def test_what_is_no_identity_policy_is_refused(iam: Any, policy: str) -> None:
    iam.create_role(RoleName="holder", AssumeRolePolicyDocument=TRUST)
    try:
        put = {"RoleName": "holder", "PolicyName": "p", "PolicyDocument": policy}
        assert code(iam.put_role_policy, **put) == "MalformedPolicyDocument"
        made = {"PolicyName": "p", "PolicyDocument": policy}
        assert code(iam.create_policy, **made) == "MalformedPolicyDocument"
    finally:
        iam.delete_role(RoleName="holder")


def test_names_and_sizes_have_limits(iam: Any) -> None:
    role = {"AssumeRolePolicyDocument": TRUST}
    assert code(iam.create_role, RoleName="a b", **role) == "ValidationError"
    assert code(iam.create_role, RoleName="a" * 65, **role) in {
        "ValidationError",
        "ParamValidation",
    }
    path = {"RoleName": "p", "Path": "/no-end"}
    assert code(iam.create_role, **path, **role) == "ValidationError"
    long = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": [f"arn:aws:s3:::{i:060}" for i in range(150)],
    }
    iam.create_role(RoleName="sized", **role)
    put = {"RoleName": "sized", "PolicyDocument": document(long)}
    assert code(iam.put_role_policy, PolicyName="one", **put) == "LimitExceeded"
    short = {**long, "Resource": long["Resource"][:80]}
    iam.put_role_policy(RoleName="sized", PolicyName="one", PolicyDocument=document(short))
    again = {"RoleName": "sized", "PolicyDocument": document(short)}
    iam.put_role_policy(PolicyName="one", **again)  # replaced, not added
    assert code(iam.put_role_policy, PolicyName="two", **again) == "LimitExceeded"
    made = {"PolicyName": "long", "PolicyDocument": document(long)}
    assert code(iam.create_policy, **made) == "LimitExceeded"


def test_users_go_only_when_nothing_hangs_on_them(iam: Any) -> None:
    iam.create_user(UserName="leaving")
    iam.create_group(GroupName="team")
    key = iam.create_access_key(UserName="leaving")["AccessKey"]["AccessKeyId"]
    iam.add_user_to_group(UserName="leaving", GroupName="team")
    assert code(iam.delete_user, UserName="leaving") == "DeleteConflict"
    assert code(iam.delete_group, GroupName="team") == "DeleteConflict"
    iam.delete_access_key(UserName="leaving", AccessKeyId=key)
    assert code(iam.delete_user, UserName="leaving") == "DeleteConflict"
    iam.remove_user_from_group(UserName="leaving", GroupName="team")
    iam.delete_user(UserName="leaving")
    iam.delete_group(GroupName="team")


def test_policies_go_only_when_nobody_has_them(iam: Any) -> None:
    arn = iam.create_policy(PolicyName="used", PolicyDocument=document(READ))["Policy"]["Arn"]
    iam.create_role(RoleName="user-of-it", AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName="user-of-it", PolicyArn=arn)
    assert code(iam.delete_policy, PolicyArn=arn) == "DeleteConflict"
    assert code(iam.delete_role, RoleName="user-of-it") == "DeleteConflict"
    iam.detach_role_policy(RoleName="user-of-it", PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(READ), SetAsDefault=True)
    assert code(iam.delete_policy, PolicyArn=arn) == "DeleteConflict"
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy(PolicyArn=arn)
    iam.delete_role(RoleName="user-of-it")


def test_policies_of_aws_cannot_be_changed(iam: Any) -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert code(iam.delete_policy, PolicyArn=arn) == "AccessDenied"
    new = {"PolicyArn": arn, "PolicyDocument": document(READ)}
    assert code(iam.create_policy_version, **new) == "AccessDenied"


def test_a_service_linked_role_is_its_services(iam: Any) -> None:
    service = "guardduty.amazonaws.com"
    role = iam.create_service_linked_role(AWSServiceName=service)["Role"]
    assert role["RoleName"] == "AWSServiceRoleForAmazonGuardDuty"
    assert role["Path"] == f"/aws-service-role/{service}/"
    name = {"RoleName": role["RoleName"]}
    attached = iam.list_attached_role_policies(**name)["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AmazonGuardDutyServiceRolePolicy"]
    assert code(iam.create_service_linked_role, AWSServiceName=service) == "InvalidInput"
    assert code(iam.create_service_linked_role, AWSServiceName="no.amazonaws.com") == "InvalidInput"
    put = {"PolicyName": "p", "PolicyDocument": document(READ)}
    assert code(iam.put_role_policy, **name, **put) == "UnmodifiableEntity"
    assert code(iam.delete_role, **name) == "UnmodifiableEntity"


def test_a_session_must_say_which_user_it_means(iam: Any, administrator: ClientFactory) -> None:
    assert code(iam.get_user) == "ValidationError"
    assert administrator("iam").get_user()["User"]["UserName"] == "administrator"
    assert administrator("iam").list_access_keys()["AccessKeyMetadata"]


def test_a_member_account_is_entered_with_all_rights(iam: Any) -> None:
    role = {"RoleName": "OrganizationAccountAccessRole"}
    attached = iam.list_attached_role_policies(**role)["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AdministratorAccess"]
