"""What calls are checked for, against the service authorization reference as cfn-lint ships it."""

from __future__ import annotations

import importlib.resources
import json
import re
from typing import Any

import pytest

from pocketaws import registry
from pocketaws.gateway import protocol
from pocketaws.gateway.call import Call
from pocketaws.gateway.http import Headers, HttpRequest
from pocketaws.identity.caller import Caller
from pocketaws.identity.checks import checks_of
from pocketaws.world import World

ACCOUNT = "111122223333"
HTTP = HttpRequest("POST", "/", "", Headers(), b"")
USER = Caller("IAMUser", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ada", "AIDA", "198.51.100.7")

# Resources that are checked though the reference has none for the action, each with what says so.
BEYOND_THE_REFERENCE = {
    "guardduty",  # GuardDuty user guide: every action on a detector can be limited by its ARN
    "iam",  # the ARN of the kind that is listed, as in IAM's denials
    "logs",  # log-group::log-stream:, as in CloudWatch Logs' denials
    "sns",  # the account's topics, as in SNS's denials
    "ssm",  # everything of the account, as in Systems Manager's denials
}


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    pytest.importorskip("cfnlint")
    text = importlib.resources.files("cfnlint.data.AdditionalSpecs").joinpath("Policies.json")
    return dict(json.loads(text.read_text()))


@pytest.fixture(scope="module")
def calls() -> list[Call]:
    """One call of every operation that is emulated, with an example of every parameter."""
    registry.load()
    world = World()
    root = Caller("Root", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, "198.51.100.7")
    where = {"LocationConstraint": "eu-west-1"}
    world.call(
        root, "s3", "CreateBucket", "eu-west-1",
        Bucket="example-bucket", CreateBucketConfiguration=where,
    )  # fmt: skip
    made = []
    for service, operations in registry.surface().items():
        for operation in operations:
            model = protocol.operation_model(service, operation)
            params = example(model.input_shape, service) if model.input_shape is not None else {}
            made.append(
                Call(world, USER, service, operation, "eu-west-1", params, "id", world.now, HTTP)
            )
    return made


EXAMPLES = {
    "Bucket": "example-bucket",
    "CopySource": "example-bucket/key",
    "TopicArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic",
    "TargetArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic",
    "SubscriptionArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic:1",
    "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/p",
    "PolicySourceArn": f"arn:aws:iam::{ACCOUNT}:role/r",
    "ExpectedBucketOwner": ACCOUNT,
    "ResourceIds": "vpc-1",
    "ResourceIdList": "trail",
    "Resources": "i-1",
    "GatewayId": "igw-1",
    "Path": "/",
    "ParentId": "r-1",
    "AccountId": ACCOUNT,
}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
TAGGED = {
    "sns": f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic",
    "logs": f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:g",
    "guardduty": f"arn:aws:guardduty:eu-west-1:{ACCOUNT}:detector/d",
    "events": f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/r",
    "scheduler": f"arn:aws:scheduler:eu-west-1:{ACCOUNT}:schedule-group/g",
    "athena": f"arn:aws:athena:eu-west-1:{ACCOUNT}:workgroup/w",
    "glue": f"arn:aws:glue:eu-west-1:{ACCOUNT}:database/d",
    "cloudwatch": f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:a",
}


def _known(service: str, name: str) -> str | None:
    if name == "ResourceType":
        return "Parameter" if service == "ssm" else "instance"
    if service == "organizations" and name in {"ResourceId", "ChildId"}:
        return ACCOUNT
    if name.lower() == "resourcearn":
        return TAGGED[service]
    if name.lower().endswith(("rolearn", "permissionarn")):
        return ROLE
    return EXAMPLES.get(name)


def example(shape: Any, service: str, name: str = "", depth: int = 0) -> Any:
    """Any value of a shape, of the right form where its name says what it is."""
    kind = shape.type_name
    if kind in {"string", "list"} and (known := _known(service, name)) is not None:
        return [known] if kind == "list" and shape.member.type_name == "string" else known
    if kind == "structure":
        members = shape.members.items() if depth <= 4 else ()
        return {name: example(member, service, name, depth + 1) for name, member in members}
    if kind == "list":
        return [example(shape.member, service, "", depth + 1)]
    if kind == "map":
        return {"key": example(shape.value, service, "", depth + 1)}
    if kind == "string":
        return (getattr(shape, "enum", None) or ["x"])[0]
    return {
        "integer": 1,
        "long": 1,
        "boolean": False,
        "blob": b"",
        "float": 1.0,
        "double": 1.0,
    }.get(kind)


def allowed_forms(reference: dict[str, Any], action: str) -> list[str] | None:
    """Patterns of the ARNs that an action takes; ``None`` where it takes none, KeyError if unknown."""
    service, _, name = action.lower().partition(":")
    kinds = reference[service]["Actions"][name].get("Resources")
    if not kinds:
        return None
    resources = {key.lower(): value for key, value in reference[service]["Resources"].items()}
    forms = [
        form for kind in kinds for form in resources.get(kind.lower(), {}).get("ARNFormats", [])
    ]
    values = {"${Partition}": "aws", "${Region}": "eu-west-1", "${Account}": r"(?:\d{12})?"}
    for name_, value in values.items():
        forms = [form.replace(name_, value) for form in forms]
    return forms


def test_every_call_is_checked_for_actions_that_exist(
    reference: dict[str, Any], calls: list[Call]
) -> None:
    unknown = []
    for call in calls:
        for check in checks_of(call):
            service, _, name = check.action.lower().partition(":")
            if name not in reference[service]["Actions"]:
                unknown.append(f"{call.service}:{call.operation} -> {check.action}")
    assert unknown == []


def test_every_check_names_a_resource_that_the_action_takes(
    reference: dict[str, Any], calls: list[Call]
) -> None:
    wrong = []
    for call in calls:
        for check in checks_of(call):
            forms = allowed_forms(reference, check.action)
            if forms is None:
                if (
                    check.resource != "*"
                    and check.action.partition(":")[0] not in BEYOND_THE_REFERENCE
                ):
                    wrong.append(f"{call.operation}: {check.action} takes no {check.resource}")
            elif not any(re.match(form, check.resource) for form in forms):
                wrong.append(f"{call.operation}: {check.action} on {check.resource}, not {forms}")
    assert wrong == [], "\n".join(wrong)
