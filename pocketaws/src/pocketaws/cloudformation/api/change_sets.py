"""Change sets: previews of an update before it runs.

Source: CloudFormation API reference, "CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet",
"DeleteChangeSet", "ListChangeSets".
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from ...errors import AwsError
from ...registry import operation
from .. import events, planning
from ..store import ChangeSet, CloudFormationStore, OnFailure, Stack
from ..template import invalid
from . import requests, stacks
from .describe import parameter_entries, tag_entries

if TYPE_CHECKING:
    from ...gateway.call import Call

_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
# Both messages are AWS's. `aws cloudformation deploy` searches for the words of either one.
_NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)


@operation("cloudformation", "CreateChangeSet")
def create_change_set(call: Call) -> dict[str, Any]:
    """Plan a stack's changes; a new stack waits for them in ``REVIEW_IN_PROGRESS``."""
    params = call.params
    name = params["ChangeSetName"]
    if _NAME.fullmatch(name) is None:
        raise invalid(
            f"1 validation error detected: Value '{name}' at 'changeSetName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )
    kind = params.get("ChangeSetType", "UPDATE")
    if kind not in {"CREATE", "UPDATE"}:
        raise AwsError(
            "NotImplemented", f"pocketaws doesn't emulate change sets of type {kind}.", 501
        )
    stack = _stack_for(call, kind)
    existing = [each for each in stack.change_sets.values() if each.name == name]
    if existing:
        if params.get("ClientToken") and existing[0].client_token == params["ClientToken"]:
            return {"Id": existing[0].id, "StackId": stack.id}
        raise AwsError("AlreadyExistsException", f"ChangeSet {name} already exists")
    made = _make(call, stack, kind)
    store = call.store(CloudFormationStore)
    if stack.id not in store.stacks:
        store.stacks[stack.id] = stack
        store.living[stack.name] = stack.id
        events.stack_event(call.world, stack, "REVIEW_IN_PROGRESS", "User Initiated")
    stack.change_sets[made.id] = made
    return {"Id": made.id, "StackId": stack.id}


def _stack_for(call: Call, kind: str) -> Stack:
    name = call.params["StackName"]
    stack = call.store(CloudFormationStore).find(name)
    if kind == "UPDATE":
        if stack is None or stack.status == "REVIEW_IN_PROGRESS":
            raise invalid(f"Stack [{name}] does not exist")
        stacks.check_updatable(stack)
        return stack
    if stack is None:
        requests.check_new_name(name)
        return stacks.new_stack(call, name)
    if stack.status != "REVIEW_IN_PROGRESS":
        raise invalid(
            f"Stack [{name}] already exists and cannot be created again with the changeSet "
            f"[{call.params['ChangeSetName']}]."
        )
    return stack


def _make(call: Call, stack: Stack, kind: str) -> ChangeSet:
    params = call.params
    previous = stack.definition if kind == "UPDATE" else None
    template = requests.template_of(call, previous.template_body if previous else None)
    role_arn = params.get("RoleARN") or stack.role_arn
    caller = requests.operating_caller(call, role_arn)
    definition = requests.define(call, stack, template, caller, previous)
    if previous is None:
        empty = replace(stack, resources={})
        changes = planning.changes(call.world, empty, caller, definition)
        changed = True
    else:
        changes = planning.changes(call.world, stack, caller, definition)
        changed = planning.differs(call.world, stack, caller, definition)
    name = params["ChangeSetName"]
    arn = (
        f"arn:aws:cloudformation:{call.region}:{call.account}:changeSet/{name}/{call.world.uuid()}"
    )
    return ChangeSet(
        arn,
        name,
        "UPDATE" if previous else "CREATE",
        definition,
        call.now,
        "CREATE_COMPLETE" if changed else "FAILED",
        "AVAILABLE" if changed else "UNAVAILABLE",
        None if changed else _NO_CHANGES,
        params.get("Description"),
        tuple(changes),
        role_arn,
        params.get("OnStackFailure"),
        params.get("ClientToken"),
    )


@operation("cloudformation", "DescribeChangeSet")
def describe_change_set(call: Call) -> dict[str, Any]:
    """Return a change set with its changes."""
    stack, found = find_change_set(call)
    changes, token = requests.page(list(found.changes), call.params.get("NextToken"))
    answer = {
        **_summary(stack, found),
        "Parameters": parameter_entries(found.definition.parameters),
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "Capabilities": list(found.definition.capabilities),
        "Tags": tag_entries(found.definition.tags),
        "Changes": changes,
    }
    if found.on_stack_failure:
        answer["OnStackFailure"] = found.on_stack_failure
    return answer if token is None else {**answer, "NextToken": token}


@operation("cloudformation", "ListChangeSets")
def list_change_sets(call: Call) -> dict[str, Any]:
    """List a stack's change sets."""
    stack = requests.find_stack(call, "Stack [{}] does not exist")
    found, token = requests.page(list(stack.change_sets.values()), call.params.get("NextToken"))
    answer: dict[str, Any] = {"Summaries": [_summary(stack, each) for each in found]}
    return answer if token is None else {**answer, "NextToken": token}


@operation("cloudformation", "ExecuteChangeSet")
def execute_change_set(call: Call) -> None:
    """Apply a change set to its stack; the stack's other change sets are deleted."""
    stack, found = find_change_set(call)
    if found.execution_status != "AVAILABLE":
        raise AwsError(
            "InvalidChangeSetStatus",
            f"ChangeSet [{found.id}] cannot be executed in its current status of [{found.status}]",
        )
    if found.type == "UPDATE":
        stacks.check_updatable(stack)
    token = call.params.get("ClientRequestToken")
    requests.remember_token(stack, token, "ExecuteChangeSet")
    caller = requests.operating_caller(call, found.role_arn)
    stack.role_arn, stack.change_set_id = found.role_arn, found.id
    stack.on_failure = _on_failure(call, found)
    stack.change_sets = {found.id: found}
    found.execution_status = "EXECUTE_COMPLETE"
    if found.type == "CREATE":
        stack.definition = found.definition
        stacks.begin_create(call, stack, caller, token)
    else:
        stacks.begin_update(call, stack, caller, found.definition, token)


def _on_failure(call: Call, found: ChangeSet) -> OnFailure:
    if call.params.get("DisableRollback"):
        return "DO_NOTHING"
    return cast("OnFailure", found.on_stack_failure or "ROLLBACK")


@operation("cloudformation", "DeleteChangeSet")
def delete_change_set(call: Call) -> None:
    """Delete a change set; a missing one isn't an error."""
    try:
        stack, found = find_change_set(call)
    except AwsError as error:
        if error.code != "ChangeSetNotFound":
            raise
        return
    del stack.change_sets[found.id]


def find_change_set(call: Call) -> tuple[Stack, ChangeSet]:
    """Return the change set that ``ChangeSetName`` (a name or an ARN) refers to, and its stack.

    Raises ``AwsError`` ``ChangeSetNotFound`` (HTTP 404).
    """
    name = call.params["ChangeSetName"]
    missing = AwsError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)
    if name.startswith("arn:"):
        candidates = list(call.store(CloudFormationStore).stacks.values())
    elif call.params.get("StackName"):
        candidates = [requests.find_stack(call, "Stack [{}] does not exist")]
    else:
        raise invalid("StackName must be specified if ChangeSetName is not specified as an ARN.")
    for stack in candidates:
        for each in stack.change_sets.values():
            if name in {each.id, each.name}:
                return stack, each
    raise missing


def _summary(stack: Stack, found: ChangeSet) -> dict[str, Any]:
    entry = {
        "ChangeSetName": found.name,
        "ChangeSetId": found.id,
        "StackId": stack.id,
        "StackName": stack.name,
        "Description": found.description,
        "CreationTime": found.created_at,
        "ExecutionStatus": found.execution_status,
        "Status": found.status,
        "StatusReason": found.status_reason,
        "IncludeNestedStacks": False,
    }
    return {name: value for name, value in entry.items() if value is not None}
