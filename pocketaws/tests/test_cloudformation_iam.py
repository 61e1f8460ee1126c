"""IAM roles in stacks: policies and boundaries match the template."""

from __future__ import annotations

import json
from typing import Any

from .conftest import ClientFactory
from .test_cloudformation_stacks import describe, steps
from .test_cloudformation_types import Stack

ROLE = """
Parameters:
  Action: {Type: String, Default: "s3:GetObject"}
  Managed: {Type: String}
  Text: {Type: String, Default: first}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      Description: !Ref Text
      AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}]}
      ManagedPolicyArns: [!Ref Managed]
      PermissionsBoundary: !Ref Managed
      Policies:
        - {PolicyName: !Ref Text, PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: !Ref Action, Resource: "*"}]}}
        - {PolicyName: kept, PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: !Ref Action, Resource: "*"}]}}
  Profile: {Type: "AWS::IAM::InstanceProfile", Properties: {Roles: [!Ref Role]}}
Outputs:
  Role: {Value: !Ref Role}
"""


def _check_role(iam: Any, name: str, managed: str, text: str, action: str) -> None:
    role = {"RoleName": name}
    found = iam.get_role(**role)["Role"]
    assert found["Description"] == text
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == managed
    attached = iam.list_attached_role_policies(**role)["AttachedPolicies"]
    assert [each["PolicyArn"] for each in attached] == [managed]
    assert sorted(iam.list_role_policies(**role)["PolicyNames"]) == sorted(["kept", text])
    kept = iam.get_role_policy(**role, PolicyName="kept")["PolicyDocument"]
    assert kept["Statement"][0]["Action"] == action


def test_a_roles_policies_and_boundary_match_the_template(member: ClientFactory) -> None:
    iam = member("iam")
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    first, second = (
        iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
        for name in ("first", "second")
    )
    stack = Stack(member, "roles", ROLE)
    role = stack.make(Managed=first)["Role"]
    _check_role(iam, role, first, "first", "s3:GetObject")
    stack.change(Managed=second, Action="s3:PutObject", Text="second")
    _check_role(iam, role, second, "second", "s3:PutObject")
    stack.delete()
    assert role not in [each["RoleName"] for each in iam.list_roles()["Roles"]]
    for arn in (first, second):
        assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 0


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
