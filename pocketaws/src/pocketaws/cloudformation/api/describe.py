"""Describes stacks.

Source: CloudFormation API reference, "DescribeStacks", "ListStacks", "DescribeStackEvents",
"DescribeStackResources", "DescribeStackResource", "ListStackResources".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ...registry import operation
from .. import intrinsics
from ..scope import StackScope
from ..store import CloudFormationStore, Stack, StackEvent, StackResource
from ..template import invalid, parse
from . import requests

if TYPE_CHECKING:
    from ...gateway.call import Call
    from ..parameters import Parameter

_HIDDEN = "****"
_MAX_DESCRIBED = 100


@operation("cloudformation", "DescribeStacks")
def describe_stacks(call: Call) -> dict[str, Any]:
    """Describe one stack, or all of the account's stacks that aren't deleted."""
    if call.params.get("StackName"):
        return {"Stacks": [_stack(requests.find_stack(call))]}
    store = call.store(CloudFormationStore)
    living = [store.stacks[stack_id] for stack_id in reversed(store.living.values())]
    found, token = requests.page(living, call.params.get("NextToken"))
    return _with_token({"Stacks": [_stack(stack) for stack in found]}, token)


@operation("cloudformation", "ListStacks")
def list_stacks(call: Call) -> dict[str, Any]:
    """List all stacks, including deleted ones, newest first."""
    wanted = set(call.params.get("StackStatusFilter") or ())
    stacks = [
        stack
        for stack in reversed(call.store(CloudFormationStore).stacks.values())
        if not wanted or stack.status in wanted
    ]
    found, token = requests.page(stacks, call.params.get("NextToken"))
    return _with_token({"StackSummaries": [_summary(stack) for stack in found]}, token)


@operation("cloudformation", "DescribeStackEvents")
def describe_stack_events(call: Call) -> dict[str, Any]:
    """List a stack's events, newest first; new events don't shift what a token refers to."""
    stack = requests.find_stack(call, "Stack [{}] does not exist")
    token = call.params.get("NextToken")
    end = requests.decode(token) if token else len(stack.events)
    start = max(0, end - requests.PAGE_SIZE)
    found = [_event(stack, event) for event in reversed(stack.events[start:end])]
    return _with_token({"StackEvents": found}, requests.encode(start) if start else None)


@operation("cloudformation", "DescribeStackResources")
def describe_stack_resources(call: Call) -> dict[str, Any]:
    """List a stack's resources; a resource's physical ID can identify the stack."""
    logical_id = call.params.get("LogicalResourceId")
    physical_id = call.params.get("PhysicalResourceId")
    name = call.params.get("StackName")
    if bool(name) == bool(physical_id):
        raise invalid(
            "Must specify only one of either stack name or physical resource id"
            if name
            else "Must specify either stack name or physical resource id"
        )
    stack = requests.find_stack(call) if name else _owner(call, str(physical_id))
    found = [
        _resource(stack, resource)
        for resource in stack.resources.values()
        if logical_id in {None, resource.logical_id}
    ]
    return {"StackResources": found[:_MAX_DESCRIBED]}


@operation("cloudformation", "DescribeStackResource")
def describe_stack_resource(call: Call) -> dict[str, Any]:
    """Describe one resource."""
    stack = requests.find_stack(call, "Stack '{}' does not exist")
    logical_id = call.params["LogicalResourceId"]
    resource = stack.resources.get(logical_id)
    if resource is None:
        raise invalid(f"Resource {logical_id} does not exist for stack {stack.name}")
    detail = {**_resource(stack, resource), "Metadata": _metadata(call, stack, resource)}
    detail["LastUpdatedTimestamp"] = detail.pop("Timestamp")
    return {"StackResourceDetail": {k: v for k, v in detail.items() if v is not None}}


@operation("cloudformation", "ListStackResources")
def list_stack_resources(call: Call) -> dict[str, Any]:
    """List a stack's resources in pages."""
    stack = requests.find_stack(call)
    found, token = requests.page(list(stack.resources.values()), call.params.get("NextToken"))
    summaries = []
    for resource in found:
        entry = _resource(stack, resource)
        entry["LastUpdatedTimestamp"] = entry.pop("Timestamp")
        for name in ("StackName", "StackId"):
            del entry[name]
        summaries.append(entry)
    return _with_token({"StackResourceSummaries": summaries}, token)


def parameter_entries(parameters: dict[str, Parameter]) -> list[dict[str, str]]:
    """Return parameters as responses show them, with ``NoEcho`` values hidden."""
    return [
        {
            "ParameterKey": each.key,
            "ParameterValue": _HIDDEN if each.no_echo else each.text,
            **({"ResolvedValue": each.resolved} if each.resolved is not None else {}),
        }
        for each in parameters.values()
    ]


def tag_entries(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _owner(call: Call, physical_id: str) -> Stack:
    for stack in call.store(CloudFormationStore).stacks.values():
        for resource in stack.resources.values():
            if resource.physical_id == physical_id and resource.status != "DELETE_COMPLETE":
                return stack
    raise invalid(f"Stack for {physical_id} does not exist")


def _stack(stack: Stack) -> dict[str, Any]:
    definition = stack.definition
    description = parse(definition.template_body).description if definition.template_body else None
    return _filled(
        StackId=stack.id,
        StackName=stack.name,
        ChangeSetId=stack.change_set_id,
        Description=description,
        Parameters=parameter_entries(definition.parameters) or None,
        CreationTime=stack.created_at,
        LastUpdatedTime=stack.updated_at,
        DeletionTime=stack.deleted_at,
        RollbackConfiguration={},
        StackStatus=stack.status,
        StackStatusReason=stack.reason,
        DisableRollback=stack.on_failure == "DO_NOTHING",
        NotificationARNs=[],
        TimeoutInMinutes=stack.timeout_minutes,
        Capabilities=list(definition.capabilities) or None,
        Outputs=_outputs(stack) or None,
        RoleARN=stack.role_arn,
        Tags=tag_entries(definition.tags),
        EnableTerminationProtection=stack.termination_protection,
        DriftInformation={"StackDriftStatus": "NOT_CHECKED"},
        RetainExceptOnCreate=stack.retain_except_on_create or None,
        DeletionMode=stack.deletion_mode,
    )


def _outputs(stack: Stack) -> list[dict[str, str]]:
    return [
        _filled(
            OutputKey=key,
            OutputValue=output["value"],
            Description=output.get("description"),
            ExportName=output.get("export"),
        )
        for key, output in stack.outputs.items()
    ]


def _summary(stack: Stack) -> dict[str, Any]:
    body = stack.definition.template_body
    return _filled(
        StackId=stack.id,
        StackName=stack.name,
        TemplateDescription=parse(body).description if body else None,
        CreationTime=stack.created_at,
        LastUpdatedTime=stack.updated_at,
        DeletionTime=stack.deleted_at,
        StackStatus=stack.status,
        StackStatusReason=stack.reason,
        DriftInformation={"StackDriftStatus": "NOT_CHECKED"},
    )


def _event(stack: Stack, event: StackEvent) -> dict[str, Any]:
    return _filled(
        StackId=stack.id,
        EventId=event.id,
        StackName=stack.name,
        OperationId=event.operation_id or None,
        LogicalResourceId=event.logical_id,
        PhysicalResourceId=event.physical_id,
        ResourceType=event.type,
        Timestamp=event.at,
        ResourceStatus=event.status,
        ResourceStatusReason=event.reason,
        ResourceProperties=event.properties,
        ClientRequestToken=event.token,
    )


def _resource(stack: Stack, resource: StackResource) -> dict[str, Any]:
    return _filled(
        StackName=stack.name,
        StackId=stack.id,
        LogicalResourceId=resource.logical_id,
        PhysicalResourceId=resource.physical_id or None,
        ResourceType=resource.type,
        Timestamp=resource.updated_at,
        ResourceStatus=resource.status,
        ResourceStatusReason=resource.reason,
        DriftInformation={"StackResourceDriftStatus": "NOT_CHECKED"},
    )


def _metadata(call: Call, stack: Stack, resource: StackResource) -> str | None:
    if resource.metadata is None:
        return None
    definition = stack.definition
    scope = StackScope(
        call.world, stack, requests.deployer(call), parse(definition.template_body),
        definition.parameters, definition.conditions,
    )  # fmt: skip
    return json.dumps(intrinsics.evaluate(resource.metadata, scope))


def _filled(**entry: Any) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value is not None}


def _with_token(answer: dict[str, Any], token: str | None) -> dict[str, Any]:
    return answer if token is None else {**answer, "NextToken": token}
