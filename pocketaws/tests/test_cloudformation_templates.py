"""Requests that CloudFormation rejects before it creates anything, with AWS's messages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ClientFactory
from .test_cloudformation_stacks import describe, outputs

GROUP = '{Type: "AWS::Logs::LogGroup"}'
ROLE = 'Type: "AWS::IAM::Role", Properties: {%s AssumeRolePolicyDocument: {}}'


def refusal(call: Any, **params: Any) -> tuple[str, str]:
    """Return the error code and message of a rejected call."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{", "Template format error: JSON not well-formed. (line 1, column 2)"),
        ("a: b: c", "Template format error: YAML not well-formed. (line 1, column 5)"),
        ("just text", "Template format error: unsupported structure."),
        ("Parameters: {}", "Template format error: At least one Resources member must be defined."),
        (f"Resource: {{}}\nResources: {{A: {GROUP}}}", "Invalid template property or properties [Resource]"),
        ("Resources: {A: {Properties: {}}}", "Template format error: [/Resources/A] Every Resources object must contain a Type member."),
        ('Resources: {A: {Type: "AWS::Logs::LogGroup", Property: {}}}', "Invalid template resource property 'Property'"),
        ('Resources: {A-b: {Type: "AWS::Logs::LogGroup"}}', "Template format error: Resource name A-b is non alphanumeric."),
        ('Resources: {A: {Type: "AWS::Loggs::Group"}, B: {Type: "AWS::S3::Bucket"}}', "Template format error: Unrecognized resource types: [AWS::Loggs::Group]"),
        ('Resources: {A: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Ref B}}}', "Template format error: Unresolved resource dependencies [B] in the Resources block of the template"),
        (f"Resources: {{A: {GROUP}}}\nOutputs: {{O: {{Value: !Ref B}}}}", "Template format error: Unresolved resource dependencies [B] in the Outputs block of the template"),
        (f"Resources: {{A: {GROUP}}}\nOutputs: {{O: {{Value: !GetAtt B.Arn}}}}", "Template error: instance of Fn::GetAtt references undefined resource B"),
        (f"Resources: {{A: {GROUP}}}\nOutputs: {{O: {{Value: !GetAtt A.Size}}}}", "Template error: resource A does not support attribute type Size in Fn::GetAtt"),
        ('Resources: {A: {Type: "AWS::S3::Bucket", Condition: C}}', "Template format error: Unresolved condition dependency C in the Resources block of the template"),
        (
            'Resources: {A: {Type: "AWS::Logs::LogGroup", DependsOn: B}, B: {Type: "AWS::Logs::LogGroup", DependsOn: A}, C: {Type: "AWS::Logs::LogGroup"}}',
            "Circular dependency between resources: [A, B]",
        ),
        (f"Parameters: {{P: {{Type: Text}}}}\nResources: {{A: {GROUP}}}", "Template format error: Unrecognized parameter type: Text"),
    ],
)  # fmt: skip
def test_a_template_that_is_wrong_is_refused(
    administrator: ClientFactory, template: str, message: str
) -> None:
    cloudformation = administrator("cloudformation")
    assert refusal(cloudformation.validate_template, TemplateBody=template) == (
        "ValidationError",
        message,
    )
    assert refusal(cloudformation.create_stack, StackName="wrong", TemplateBody=template) == (
        "ValidationError",
        message,
    )
    assert cloudformation.list_stacks()["StackSummaries"] == []


def test_an_aws_type_that_is_not_emulated_is_rejected_by_name(administrator: ClientFactory) -> None:
    template = 'Resources: {A: {Type: "AWS::Lambda::Function"}}'
    code, message = refusal(
        administrator("cloudformation").create_stack, StackName="no", TemplateBody=template
    )
    assert (code, message) == (
        "NotImplemented",
        "pocketaws doesn't emulate these resource types: AWS::Lambda::Function.",
    )


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        ("Type: String", None, "Parameters: [P] must have values"),
        ("Type: String, AllowedValues: [a, b]", "c", "Parameter 'P' must be one of AllowedValues"),
        ('Type: String, AllowedPattern: "[a-z]+"', "A", "Parameter 'P' must match pattern [a-z]+"),
        ("Type: String, MinLength: 3", "ab", "Parameter 'P' must contain at least 3 characters"),
        ("Type: String, MaxLength: 1", "ab", "Parameter 'P' must contain at most 1 characters"),
        ("Type: Number", "many", "Parameter 'P' must be a number."),
        ("Type: Number, MaxValue: 7", "8", "Parameter 'P' must be a number not greater than 7"),
        (
            "Type: String, MaxLength: 1, ConstraintDescription: one letter",
            "ab",
            "Parameter P failed to satisfy constraint: one letter",
        ),
        (
            'Type: "AWS::SSM::Parameter::Value<String>"',
            "/not/there",
            "Unable to fetch parameters [/not/there] from parameter store for this account.",
        ),
    ],
)
def test_a_parameter_that_breaks_its_constraint_is_refused(
    administrator: ClientFactory, parameter: str, value: str | None, message: str
) -> None:
    template = f"Parameters: {{P: {{{parameter}}}}}\nResources: {{A: {GROUP}}}"
    given = [] if value is None else [{"ParameterKey": "P", "ParameterValue": value}]
    call = administrator("cloudformation").create_stack
    found = refusal(call, StackName="no", TemplateBody=template, Parameters=given)
    assert found == ("ValidationError", message)


def test_parameters_that_the_template_does_not_have_are_refused(
    administrator: ClientFactory,
) -> None:
    found = refusal(
        administrator("cloudformation").create_stack,
        StackName="no",
        TemplateBody=f"Resources: {{A: {GROUP}}}",
        Parameters=[{"ParameterKey": "Q", "ParameterValue": "1"}],
    )
    assert found == ("ValidationError", "Parameters: [Q] do not exist in the template")


@pytest.mark.parametrize(
    ("named", "given", "needed"),
    [
        ("", [], "CAPABILITY_IAM"),
        ("RoleName: me,", ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
    ],
)
def test_iam_resources_must_be_acknowledged(
    administrator: ClientFactory, named: str, given: list[str], needed: str
) -> None:
    template = f"Resources: {{A: {{{ROLE % named}}}}}"
    cloudformation = administrator("cloudformation")
    assert refusal(
        cloudformation.create_stack, StackName="no", TemplateBody=template, Capabilities=given
    ) == ("InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]")
    told = cloudformation.validate_template(TemplateBody=template)
    assert told["Capabilities"] == [needed]
    assert told["CapabilitiesReason"].endswith("require capabilities: [AWS::IAM::Role]")


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("describe_stacks", "Stack with id nowhere does not exist"),
        ("describe_stack_events", "Stack [nowhere] does not exist"),
        ("describe_stack_resources", "Stack with id nowhere does not exist"),
        ("list_stack_resources", "Stack with id nowhere does not exist"),
        ("get_template", "Stack with id nowhere does not exist"),
    ],
)
def test_a_missing_stack_gets_each_operations_own_message(
    administrator: ClientFactory, operation: str, message: str
) -> None:
    call = getattr(administrator("cloudformation"), operation)
    assert refusal(call, StackName="nowhere") == ("ValidationError", message)
    administrator("cloudformation").delete_stack(StackName="nowhere")


def test_invalid_stack_names_are_rejected(administrator: ClientFactory) -> None:
    code, message = refusal(
        administrator("cloudformation").create_stack,
        StackName="under_score",
        TemplateBody=f"Resources: {{A: {GROUP}}}",
    )
    assert code == "ValidationError"
    assert "Value 'under_score' at 'stackName' failed to satisfy constraint" in message


def test_a_template_summary_lists_parameters_and_resources(administrator: ClientFactory) -> None:
    template = """
    AWSTemplateFormatVersion: 2010-09-09
    Description: told
    Metadata: {Author: me}
    Parameters:
      Port: {Type: Number, Default: 22, Description: where}
      Word: {Type: String, NoEcho: true, AllowedValues: [a, b]}
    Resources: {A: {Type: "AWS::Logs::LogGroup"}, B: {Type: "AWS::Logs::LogGroup"}}
    """
    cloudformation = administrator("cloudformation")
    validated = cloudformation.validate_template(TemplateBody=template)
    assert validated["Description"] == "told"
    assert validated["Parameters"] == [
        {"ParameterKey": "Port", "DefaultValue": "22", "NoEcho": False, "Description": "where"},
        {"ParameterKey": "Word", "NoEcho": True},
    ]
    summary = cloudformation.get_template_summary(TemplateBody=template)
    assert summary["ResourceTypes"] == ["AWS::Logs::LogGroup"]
    assert summary["Version"] == "2010-09-09"
    assert json.loads(summary["Metadata"]) == {"Author": "me"}
    constraints = {
        each["ParameterKey"]: each["ParameterConstraints"] for each in summary["Parameters"]
    }
    assert constraints["Word"] == {"AllowedValues": ["a", "b"]}


def test_a_template_can_come_from_a_bucket(member: ClientFactory) -> None:
    s3, cloudformation = member("s3"), member("cloudformation")
    s3.create_bucket(
        Bucket="of-templates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    template = f"# {'x' * 60_000}\nResources: {{A: {GROUP}}}"
    s3.put_object(Bucket="of-templates", Key="a/t.yaml", Body=template.encode())
    for number, url in enumerate(
        (
            "https://of-templates.s3.eu-west-1.amazonaws.com/a/t.yaml",
            "https://s3.amazonaws.com/of-templates/a/t.yaml",
            f"{s3.meta.endpoint_url}/of-templates/a/t.yaml",
        )
    ):
        cloudformation.create_stack(StackName=f"from-s3-{number}", TemplateURL=url)
        assert describe(cloudformation, f"from-s3-{number}")["StackStatus"] == "CREATE_COMPLETE"
    assert cloudformation.get_template(StackName="from-s3-0")["TemplateBody"] == template
    code, message = refusal(
        cloudformation.validate_template,
        TemplateURL="https://s3.amazonaws.com/of-templates/missing.yaml",
    )
    assert code == "ValidationError"
    assert message.startswith("S3 error: ")
    code, message = refusal(cloudformation.validate_template, TemplateBody=template)
    assert "length less than or equal to 51200" in message


def test_values_of_parameter_store_can_be_referred_to(member: ClientFactory) -> None:
    member("ssm").put_parameter(Name="/name/of/group", Value="by-reference", Type="String")
    template = """
    Parameters: {Name: {Type: "AWS::SSM::Parameter::Value<String>", Default: /name/of/group}}
    Resources:
      Direct: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: "direct-{{resolve:ssm:/name/of/group}}"}}
      ByParameter: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: !Sub "parameter-${Name}"}}
    Outputs: {Names: {Value: !Join [",", [!Ref Direct, !Ref ByParameter]]}}
    """
    cloudformation = member("cloudformation")
    cloudformation.create_stack(StackName="references", TemplateBody=template)
    assert outputs(describe(cloudformation, "references"))["Names"] == (
        "direct-by-reference,parameter-by-reference"
    )


def test_stacks_are_listed_in_pages(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    before = len(cloudformation.list_stacks()["StackSummaries"])
    names = [f"many-{number}" for number in range(105)]
    for name in names:
        cloudformation.create_stack(StackName=name, TemplateBody=f"Resources: {{A: {GROUP}}}")
    first = cloudformation.list_stacks()
    assert len(first["StackSummaries"]) == 100
    assert first["StackSummaries"][0]["StackName"] == "many-104"
    pages = cloudformation.get_paginator("list_stacks").paginate()
    assert len([each for page in pages for each in page["StackSummaries"]]) == before + 105
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    described = {each["StackName"] for page in pages for each in page["Stacks"]}
    assert described.issuperset(names)


def test_events_and_resources_come_in_pages(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    groups = "\n".join(f"  G{number}: {GROUP}" for number in range(101))
    cloudformation.create_stack(StackName="large", TemplateBody=f"Resources:\n{groups}")
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName="large")
    sizes = [len(page["StackEvents"]) for page in pages]
    assert sizes == [100, 100, 100, 5]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName="large")
    assert [len(page["StackResourceSummaries"]) for page in pages] == [100, 1]
    first = cloudformation.describe_stack_events(StackName="large")
    cloudformation.delete_stack(StackName="large")
    after = cloudformation.describe_stack_events(
        StackName=first["StackEvents"][0]["StackId"], NextToken=first["NextToken"]
    )
    # The token refers to the same position although more events have happened since.
    assert after["StackEvents"][0]["Timestamp"] < first["StackEvents"][-1]["Timestamp"]
    with pytest.raises(ClientError, match="Invalid NextToken"):
        cloudformation.describe_stacks(NextToken="nonsense")
