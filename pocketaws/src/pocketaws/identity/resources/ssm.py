"""Systems Manager: the actions and resources that authorization checks for each call.

Source: service authorization reference, "AWS Systems Manager"; Systems Manager user guide,
"Restricting access to Parameter Store parameters using IAM policies".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ... import moto_state
from ..checks import Check, action_of, arn, checks
from .ec2 import instance_check

if TYPE_CHECKING:
    from ...gateway.call import Call

_INSTANCE_CALLS = (
    "GetConnectionStatus", "StartSession", "UpdateInstanceInformation", "ListInstanceAssociations",
    "DescribeInstanceAssociationsStatus", "DescribeEffectiveInstanceAssociations",
    "DescribeInstancePatches", "DescribeInstancePatchStates", "PutComplianceItems",
)  # fmt: skip


@checks("ssm")
def without_resource(call: Call) -> Iterator[Check]:
    """Most actions have no resource types; denials name every resource of the account."""
    yield Check(action_of(call), arn(call, "ssm", "*"))


@checks(
    "ssm", "PutParameter", "GetParameter", "GetParameters", "GetParameterHistory", "GetParametersByPath",
    "DeleteParameter", "DeleteParameters", "LabelParameterVersion", "UnlabelParameterVersion",
)  # fmt: skip
def parameters(call: Call) -> Iterator[Check]:
    """Every parameter in the request; a path is a resource itself."""
    params = call.params
    names = params.get("Names") or [params.get("Name") or params.get("Path") or "*"]
    for name in names:
        yield _parameter(call, action_of(call), name)
    if params.get("Tags"):
        yield _parameter(call, "ssm:AddTagsToResource", names[0])


@checks("ssm", "AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource")
def tagging(call: Call) -> Iterator[Check]:
    """The resource, by type and ID."""
    kind, resource = call.params.get("ResourceType", "*"), call.params.get("ResourceId", "*")
    if kind == "Parameter":
        yield _parameter(call, action_of(call), resource)
    else:
        yield Check(action_of(call), arn(call, "ssm", f"{kind.lower()}/{resource}"))


@checks("ssm", "SendCommand")
def send_command(call: Call) -> Iterator[Check]:
    """The document and every target instance."""
    yield _document(call)
    for instance in _meant(call):
        yield instance_check(call, instance, action_of(call), {})


@checks("ssm", *_INSTANCE_CALLS)
def instance(call: Call) -> Iterator[Check]:
    """The instance."""
    params = call.params
    target = params.get("InstanceId") or params.get("Target") or params.get("ResourceId") or "*"
    yield instance_check(call, target, action_of(call), {})
    if call.operation == "StartSession":
        yield _document(call, "SSM-SessionManagerRunShell")


@checks(
    "ssm", "DescribeDocument", "GetDocument", "CreateDocument", "UpdateDocument", "DeleteDocument"
)
def document(call: Call) -> Iterator[Check]:
    """The document."""
    yield _document(call)


@checks("ssm", "TerminateSession", "ResumeSession")
def session(call: Call) -> Iterator[Check]:
    """The session."""
    yield Check(action_of(call), arn(call, "ssm", f"session/{call.params.get('SessionId', '*')}"))


def _parameter(call: Call, action: str, name: str) -> Check:
    bare = name
    if bare.startswith("arn:"):
        bare = bare.split(":", 5)[5].removeprefix("parameter")
    bare = bare.partition(":")[0]
    return Check(
        action,
        arn(call, "ssm", f"parameter/{bare.removeprefix('/')}"),
        tags=lambda: _tags(call, bare),
    )


def _tags(call: Call, name: str) -> dict[str, str]:
    backend = moto_state.backend("ssm", call.account, call.region)
    if backend.get_parameter(name) is None:
        return {}
    return dict(backend.list_tags_for_resource("Parameter", name))


def _document(call: Call, otherwise: str = "*") -> Check:
    name = call.params.get("DocumentName") or call.params.get("Name") or otherwise
    if name.startswith("arn:"):
        return Check(action_of(call), name)
    # The ARNs of AWS's own documents have no account.
    owner = "" if name.startswith("AWS-") else call.account
    return Check(action_of(call), f"arn:aws:ssm:{call.region}:{owner}:document/{name}")


def _meant(call: Call) -> list[str]:
    instances = list(call.params.get("InstanceIds", []))
    for target in call.params.get("Targets", []):
        key, values = target.get("Key", ""), set(target.get("Values", []))
        if key == "InstanceIds":
            instances += sorted(values)
        elif key.startswith("tag:"):
            name = key.removeprefix("tag:")
            tags = moto_state.backend("ec2", call.account, call.region).tags
            instances += [
                i for i, has in tags.items() if i.startswith("i-") and has.get(name) in values
            ]
    return instances or ["*"]
