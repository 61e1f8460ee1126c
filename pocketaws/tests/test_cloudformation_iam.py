"""IAM's resource types: policies, boundaries, and memberships match the template."""

from __future__ import annotations

import json
from typing import Any

from .conftest import ClientFactory
from .test_cloudformation_stacks import describe, steps
from .test_cloudformation_types import Stack, pairs

PEOPLE = """
Parameters:
  Action: {Type: String, Default: "s3:GetObject"}
  Group: {Type: String}
  Text: {Type: String, Default: first}
Resources:
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Path: /labs/
      PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: !Ref Action, Resource: "*"}]}
      Roles: [!Ref Role]
  Role:
    Type: AWS::IAM::Role
    Properties:
      Description: !Ref Text
      AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}]}
      Policies:
        - {PolicyName: !Ref Text, PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: !Ref Action, Resource: "*"}]}}
  Profile: {Type: "AWS::IAM::InstanceProfile", Properties: {Roles: [!Ref Role]}}
  User:
    Type: AWS::IAM::User
    Properties: {Groups: [!Ref Group], ManagedPolicyArns: [!Ref Shared], PermissionsBoundary: !Ref Shared}
  Inline:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: inline
      PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Deny, Action: !Ref Action, Resource: "*"}]}
      Users: [!Ref User]
      Groups: [!Ref Group]
Outputs:
  Shared: {Value: !Ref Shared}
  Role: {Value: !Ref Role}
  Profile: {Value: !Ref Profile}
  User: {Value: !Ref User}
  Inline: {Value: !Ref Inline}
"""


def action_of(document: Any) -> str:
    return str(
        (json.loads(document) if isinstance(document, str) else document)["Statement"][0]["Action"]
    )


def test_policies_and_their_attachments_match_the_template(member: ClientFactory) -> None:
    iam = member("iam")
    for group in ("first", "second"):
        iam.create_group(GroupName=group)
    stack = Stack(member, "people", PEOPLE)
    found = stack.make(Group="first")
    assert ":policy/labs/people-Shared-" in found["Shared"]
    assert found["Inline"].startswith("peopl-Inli-")
    user = iam.get_user(UserName=found["User"])["User"]
    assert user["PermissionsBoundary"]["PermissionsBoundaryArn"] == found["Shared"]
    assert pairs(user["Tags"]) == {"team": "blue"}
    for kind, name in (("role", found["Role"]), ("user", found["User"])):
        attached = getattr(iam, f"list_attached_{kind}_policies")(**{f"{kind.title()}Name": name})
        assert [each["PolicyArn"] for each in attached["AttachedPolicies"]] == [found["Shared"]]
    inline = iam.get_group_policy(GroupName="first", PolicyName="inline")
    assert action_of(inline["PolicyDocument"]) == "s3:GetObject"
    stack.change(Group="second", Action="s3:PutObject", Text="second")
    version = iam.get_policy(PolicyArn=found["Shared"])["Policy"]["DefaultVersionId"]
    shared = iam.get_policy_version(PolicyArn=found["Shared"], VersionId=version)["PolicyVersion"]
    assert action_of(shared["Document"]) == "s3:PutObject"
    role = iam.get_role(RoleName=found["Role"])["Role"]
    assert role["Description"] == "second"
    assert iam.list_role_policies(RoleName=found["Role"])["PolicyNames"] == ["second"]
    groups = iam.list_groups_for_user(UserName=found["User"])["Groups"]
    assert [each["GroupName"] for each in groups] == ["second"]
    assert iam.list_group_policies(GroupName="first")["PolicyNames"] == []
    assert iam.list_group_policies(GroupName="second")["PolicyNames"] == ["inline"]
    stack.delete()
    assert iam.list_users()["Users"] == []
    assert iam.list_policies(Scope="Local")["Policies"] == []
    assert found["Role"] not in [each["RoleName"] for each in iam.list_roles()["Roles"]]


def test_a_foreign_policy_on_a_role_blocks_the_deletion_of_its_stack(member: ClientFactory) -> None:
    iam, cloudformation = member("iam"), member("cloudformation")
    template = """
    Resources:
      Role:
        Type: AWS::IAM::Role
        Properties:
          RoleName: held
          AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}]}
    """
    stack_id = cloudformation.create_stack(
        StackName="held", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"]
    )["StackId"]
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName="held", PolicyName="foreign", PolicyDocument=document)
    cloudformation.delete_stack(StackName="held")
    status, reason = steps(cloudformation, "held", "Role")[-1]
    assert status == "DELETE_FAILED"
    assert "must delete policies first" in str(reason)
    iam.delete_role_policy(RoleName="held", PolicyName="foreign")
    cloudformation.delete_stack(StackName="held")
    assert describe(cloudformation, stack_id)["StackStatus"] == "DELETE_COMPLETE"
