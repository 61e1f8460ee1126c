"""Organizational units and service control policies, by plain boto3 clients of two accounts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory, assume, client_factory

KIND = "SERVICE_CONTROL_POLICY"
FULL_ACCESS = "p-FullAWSAccess"


def document(effect: str, *actions: str) -> str:
    statement = {"Effect": effect, "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


NO_BUCKETS = document("Deny", "s3:ListAllMyBuckets")


class Organization:
    """An organization with service control policies, and a member of it."""

    def __init__(self, aws: LocalAws) -> None:
        self._aws = aws
        key = aws.administrator
        self.clients = self.with_key(key.access_key_id, key.secret_access_key)
        self.root = self.api.list_roots()["Roots"][0]["Id"]
        made = self.api.create_account(Email="m@example.com", AccountName="m")
        self.account = made["CreateAccountStatus"]["AccountId"]
        role = f"arn:aws:iam::{self.account}:role/OrganizationAccountAccessRole"
        self.member = assume(aws, self.clients, role, "admin")

    @property
    def api(self) -> Any:
        return self.clients("organizations")

    def with_key(self, key: str, secret: str) -> ClientFactory:
        return client_factory(self._aws, key, secret)

    def enable(self) -> None:
        self.api.enable_policy_type(RootId=self.root, PolicyType=KIND)

    def policy(self, name: str, content: str) -> str:
        made = self.api.create_policy(Name=name, Description="d", Type=KIND, Content=content)
        return str(made["Policy"]["PolicySummary"]["Id"])

    def unit(self, name: str, parent: str | None = None) -> str:
        made = self.api.create_organizational_unit(ParentId=parent or self.root, Name=name)
        return str(made["OrganizationalUnit"]["Id"])

    def attached(self, target: str) -> set[str]:
        found = self.api.list_policies_for_target(TargetId=target, Filter=KIND)
        return {policy["Id"] for policy in found["Policies"]}


@pytest.fixture
def organization() -> Iterator[Organization]:
    with LocalAws(region=REGION) as aws:
        yield Organization(aws)


def refusal(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def code(call: Callable[..., Any], **parameters: Any) -> str:
    return refusal(call, **parameters)[0]


def test_a_denial_counts_when_enabled_and_not_for_the_management_account(
    organization: Organization,
) -> None:
    api, s3 = organization.api, organization.member("s3")
    policy = organization.policy("no-buckets", NO_BUCKETS)
    wanted = {"PolicyId": policy, "TargetId": organization.root}
    assert code(api.attach_policy, **wanted) == "PolicyTypeNotEnabledException"
    organization.enable()
    assert organization.attached(organization.account) == {FULL_ACCESS}
    s3.list_buckets()

    api.attach_policy(**wanted)
    denied, message = refusal(s3.list_buckets)
    assert denied == "AccessDenied"
    assert message.endswith(
        "is not authorized to perform: s3:ListAllMyBuckets with an explicit deny in a service control policy"
    )
    organization.clients("s3").list_buckets()
    organization.member("iam").list_users()

    api.disable_policy_type(RootId=organization.root, PolicyType=KIND)
    s3.list_buckets()
    organization.enable()
    assert organization.attached(organization.root) == {FULL_ACCESS}
    s3.list_buckets()


def test_every_level_must_allow(organization: Organization) -> None:
    api, member = organization.api, organization.member
    organization.enable()
    outer = organization.unit("outer")
    inner = organization.unit("inner", outer)
    api.move_account(
        AccountId=organization.account, SourceParentId=organization.root, DestinationParentId=inner
    )
    some = organization.policy("some", document("Allow", "iam:*", "sts:*"))
    api.attach_policy(PolicyId=some, TargetId=outer)
    member("s3").list_buckets()
    api.detach_policy(PolicyId=FULL_ACCESS, TargetId=outer)
    _, message = refusal(member("s3").list_buckets)
    assert message.endswith(
        "because no service control policy allows the s3:ListAllMyBuckets action"
    )
    member("iam").list_users()

    api.update_policy(PolicyId=some, Content=document("Allow", "s3:*"))
    member("s3").list_buckets()
    assert code(member("iam").list_users) == "AccessDenied"

    api.move_account(
        AccountId=organization.account, SourceParentId=inner, DestinationParentId=organization.root
    )
    member("iam").list_users()


def test_conditions_and_exceptions_of_a_policy_count(organization: Organization) -> None:
    """Regions, as the user guide's example denies them."""
    organization.enable()
    statement = {
        "Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": [REGION]}},
    }  # fmt: skip
    content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    policy = organization.policy("regions", content)
    organization.api.attach_policy(PolicyId=policy, TargetId=organization.account)
    organization.member("ec2").describe_vpcs()
    organization.member("iam").list_users()
    elsewhere = organization.member("ec2", region_name="us-west-2")
    assert code(elsewhere.describe_vpcs) == "UnauthorizedOperation"


def test_policies_are_made_listed_changed_and_deleted(organization: Organization) -> None:
    api = organization.api
    organization.enable()
    policy = organization.policy("p", NO_BUCKETS)
    described = api.describe_policy(PolicyId=policy)["Policy"]
    assert described["Content"] == NO_BUCKETS
    assert described["PolicySummary"]["AwsManaged"] is False
    listed = api.list_policies(Filter=KIND)["Policies"]
    assert {each["Id"] for each in listed} == {FULL_ACCESS, policy}
    api.update_policy(PolicyId=policy, Name="q")
    assert api.describe_policy(PolicyId=policy)["Policy"]["PolicySummary"]["Name"] == "q"

    api.attach_policy(PolicyId=policy, TargetId=organization.account)
    (target,) = api.list_targets_for_policy(PolicyId=policy)["Targets"]
    assert (target["TargetId"], target["Type"]) == (organization.account, "ACCOUNT")
    assert code(api.delete_policy, PolicyId=policy) == "PolicyInUseException"
    api.detach_policy(PolicyId=policy, TargetId=organization.account)
    api.delete_policy(PolicyId=policy)
    assert code(api.describe_policy, PolicyId=policy) == "PolicyNotFoundException"


def test_what_organizations_refuses_of_policies(organization: Organization) -> None:
    api, account = organization.api, organization.account
    organization.enable()
    new = {"Description": "d", "Type": KIND}
    assert (
        code(api.create_policy, Name="x", Content="{}", **new) == "MalformedPolicyDocumentException"
    )
    long = document("Deny", *(f"s3:{'x' * 100}{n}" for n in range(60)))
    assert code(api.create_policy, Name="x", Content=long, **new) == "ConstraintViolationException"
    nowhere = {"PolicyId": FULL_ACCESS, "TargetId": "999999999999"}
    assert code(api.attach_policy, **nowhere) == "TargetNotFoundException"
    policies = [organization.policy(f"p{n}", NO_BUCKETS) for n in range(5)]
    assert (
        code(api.create_policy, Name="p0", Content=NO_BUCKETS, **new) == "DuplicatePolicyException"
    )
    own = {"PolicyId": FULL_ACCESS}
    assert code(api.update_policy, Name="mine", **own) == "PolicyChangesNotAllowedException"

    last = {"PolicyId": FULL_ACCESS, "TargetId": account}
    assert code(api.detach_policy, **last) == "ConstraintViolationException"
    not_there = {"PolicyId": policies[0], "TargetId": account}
    assert code(api.detach_policy, **not_there) == "PolicyNotAttachedException"
    for policy in policies[:4]:
        api.attach_policy(PolicyId=policy, TargetId=account)
    assert code(api.attach_policy, **not_there) == "DuplicatePolicyAttachmentException"
    sixth = {"PolicyId": policies[4], "TargetId": account}
    assert code(api.attach_policy, **sixth) == "ConstraintViolationException"


def test_units_are_made_named_and_deleted_when_empty(organization: Organization) -> None:
    api, root, account = organization.api, organization.root, organization.account
    unit = organization.unit("classes")
    again = {"ParentId": root, "Name": "classes"}
    assert code(api.create_organizational_unit, **again) == "DuplicateOrganizationalUnitException"
    api.update_organizational_unit(OrganizationalUnitId=unit, Name="courses")
    described = api.describe_organizational_unit(OrganizationalUnitId=unit)["OrganizationalUnit"]
    assert (described["Id"], described["Name"]) == (unit, "courses")
    units = api.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    assert [each["Id"] for each in units] == [unit]

    move = {"AccountId": account, "DestinationParentId": unit}
    assert code(api.move_account, SourceParentId=unit, **move) == "SourceParentNotFoundException"
    api.move_account(SourceParentId=root, **move)
    assert code(api.move_account, SourceParentId=unit, **move) == "DuplicateAccountException"
    children = api.list_children(ParentId=unit, ChildType="ACCOUNT")["Children"]
    assert children == [{"Id": account, "Type": "ACCOUNT"}]
    gone = {"OrganizationalUnitId": unit}
    assert code(api.delete_organizational_unit, **gone) == "OrganizationalUnitNotEmptyException"
    api.move_account(AccountId=account, SourceParentId=unit, DestinationParentId=root)
    api.delete_organizational_unit(**gone)
    assert code(api.describe_organizational_unit, **gone) == "OrganizationalUnitNotFoundException"


def test_only_who_may_changes_policies(organization: Organization) -> None:
    by_member = organization.member("organizations")
    assert code(by_member.list_policies, Filter=KIND) == "AccessDeniedException"
    iam = organization.clients("iam")
    iam.create_user(UserName="reader")
    reading = document("Allow", "organizations:ListPolicies", "organizations:ListChildren")
    iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=reading)
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    reader = organization.with_key(key["AccessKeyId"], key["SecretAccessKey"])("organizations")
    reader.list_policies(Filter=KIND)
    reader.list_children(ParentId=organization.root, ChildType="ACCOUNT")
    for refused, parameters in (
        (reader.enable_policy_type, {"RootId": organization.root, "PolicyType": KIND}),
        (reader.detach_policy, {"PolicyId": FULL_ACCESS, "TargetId": organization.account}),
        (reader.create_organizational_unit, {"ParentId": organization.root, "Name": "u"}),
    ):
        denied, message = refusal(refused, **parameters)
        assert denied == "AccessDeniedException"
        assert "because no identity-based policy allows the organizations:" in message
