"""Creates, updates, and deletes stacks.

Source: CloudFormation API reference, "CreateStack", "UpdateStack", "DeleteStack",
"UpdateTerminationProtection", "CancelUpdateStack"; user guide, "CloudFormation service role" (a role that
was given once is used for all later operations, and can't be removed from the stack).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from ...errors import AwsError
from ...registry import operation
from .. import building, engine, events, graph, planning
from ..run import Run
from ..store import CloudFormationStore, Definition, OnFailure, Stack
from ..template import invalid
from . import requests

if TYPE_CHECKING:
    from ...gateway.call import Call
    from ...identity.caller import Caller

UPDATABLE = {
    "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "CREATE_FAILED",
    "UPDATE_FAILED", "IMPORT_COMPLETE",
}  # fmt: skip


@operation("cloudformation", "CreateStack")
def create_stack(call: Call) -> dict[str, Any]:
    """Accept a new stack; effects create it."""
    params = call.params
    name = params["StackName"]
    requests.check_new_name(name)
    store = call.store(CloudFormationStore)
    token = params.get("ClientRequestToken")
    existing = store.find(name)
    if existing is not None:
        if token is not None and existing.tokens.get(token) == "CreateStack":
            return {"StackId": existing.id}
        raise AwsError("AlreadyExistsException", f"Stack [{name}] already exists")
    template = requests.template_of(call)
    role_arn = params.get("RoleARN")
    caller = requests.operating_caller(call, role_arn)
    stack = new_stack(call, name)
    stack.definition = requests.define(call, stack, template, caller, None)
    stack.role_arn = role_arn
    stack.on_failure = failure_option(params)
    stack.timeout_minutes = params.get("TimeoutInMinutes")
    stack.termination_protection = bool(params.get("EnableTerminationProtection"))
    stack.retain_except_on_create = bool(params.get("RetainExceptOnCreate"))
    requests.remember_token(stack, token, "CreateStack")
    store.stacks[stack.id] = stack
    store.living[name] = stack.id
    begin_create(call, stack, caller, token)
    return {"StackId": stack.id}


def new_stack(call: Call, name: str) -> Stack:
    """Return an empty stack that isn't in the store yet."""
    stack_id = (
        f"arn:aws:cloudformation:{call.region}:{call.account}:stack/{name}/{call.world.uuid()}"
    )
    nothing = Definition("", {}, {}, {})
    return Stack(
        name, stack_id, call.account, call.region, nothing, call.now, "REVIEW_IN_PROGRESS"
    )  # fmt: skip


def begin_create(call: Call, stack: Stack, caller: Caller, token: str | None) -> None:
    """Start creating a stack's resources."""
    world = call.world
    begun = engine.begin(
        world, stack, "create", caller, token, waiting=set(graph.active(stack.definition))
    )
    events.stack_event(world, stack, "CREATE_IN_PROGRESS", "User Initiated")
    engine.schedule(world, stack)
    if stack.timeout_minutes:
        world.at(
            world.now + timedelta(minutes=stack.timeout_minutes), "cloudformation.timeout",
            account=stack.account, region=stack.region, stack_id=stack.id, number=begun.number,
        )  # fmt: skip


def failure_option(params: dict[str, Any]) -> OnFailure:
    """Return what a request asks for in case its stack fails."""
    option = params.get("OnFailure")
    if option is not None and params.get("DisableRollback") is not None:
        raise invalid("You can specify either DisableRollback or OnFailure, but not both.")
    if option is None:
        return "DO_NOTHING" if params.get("DisableRollback") else "ROLLBACK"
    if option not in {"ROLLBACK", "DELETE", "DO_NOTHING"}:
        raise invalid(
            f"1 validation error detected: Value '{option}' at 'onFailure' failed to satisfy constraint: "
            "Member must satisfy enum value set: [DO_NOTHING, ROLLBACK, DELETE]"
        )
    return cast("OnFailure", option)


@operation("cloudformation", "UpdateStack")
def update_stack(call: Call) -> dict[str, Any]:
    """Accept an update; effects carry it out."""
    params = call.params
    stack = requests.find_stack(call, "Stack [{}] does not exist")
    token = params.get("ClientRequestToken")
    if token is not None and stack.tokens.get(token) == "UpdateStack":
        return {"StackId": stack.id}
    check_updatable(stack)
    template = requests.template_of(call, stack.definition.template_body)
    role_arn = params.get("RoleARN") or stack.role_arn
    caller = requests.operating_caller(call, role_arn)
    wanted = requests.define(call, stack, template, caller, stack.definition)
    if not planning.differs(call.world, stack, caller, wanted):
        raise invalid("No updates are to be performed.")
    requests.remember_token(stack, token, "UpdateStack")
    stack.role_arn = role_arn
    if params.get("DisableRollback") is not None:
        stack.on_failure = failure_option(params)
    begin_update(call, stack, caller, wanted, token)
    return {"StackId": stack.id}


def check_updatable(stack: Stack) -> None:
    """Raise ``AwsError`` if the stack's status doesn't allow an update."""
    if stack.status not in UPDATABLE:
        raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


def begin_update(
    call: Call, stack: Stack, caller: Caller, wanted: Definition, token: str | None
) -> None:
    """Start updating a stack to another definition."""
    stack.next_definition = wanted
    stack.updated_at = call.now
    engine.begin(call.world, stack, "update", caller, token, waiting=set(graph.active(wanted)))
    events.stack_event(call.world, stack, "UPDATE_IN_PROGRESS", "User Initiated")
    engine.schedule(call.world, stack)


@operation("cloudformation", "CancelUpdateStack")
def cancel_update_stack(call: Call) -> None:
    """Stop an update and roll it back."""
    stack = requests.find_stack(call, "Stack [{}] does not exist")
    if stack.status != "UPDATE_IN_PROGRESS" or stack.operation is None:
        raise invalid(
            f"CancelUpdateStack cannot be called from current stack status {stack.status}"
        )
    run = Run(call.world, stack, stack.operation)
    building.cancel(run, "Resource update cancelled")
    engine.roll_back_update(run, "User Initiated")


@operation("cloudformation", "DeleteStack")
def delete_stack(call: Call) -> None:
    """Accept a deletion; a missing stack isn't an error."""
    params = call.params
    stack = call.store(CloudFormationStore).find(params["StackName"])
    if stack is None or stack.status == "DELETE_COMPLETE":
        return
    if stack.termination_protection:
        raise invalid(
            f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
        )
    token = params.get("ClientRequestToken")
    if requests.remember_token(stack, token, "DeleteStack") or stack.status == "DELETE_IN_PROGRESS":
        return
    if stack.operation is not None and stack.operation.kind != "create":
        raise invalid(f"Stack [{stack.name}] cannot be deleted while in status {stack.status}")
    retained = frozenset(params.get("RetainResources") or ())
    forced = params.get("DeletionMode") == "FORCE_DELETE_STACK"
    _check_deletion(call, stack, retained, forced=forced)
    role_arn = params.get("RoleARN") or stack.role_arn
    caller = requests.operating_caller(call, role_arn)
    stack.role_arn = role_arn  # it stays the stack's, even if this deletion fails
    world = call.world
    if stack.operation is not None:
        building.cancel(Run(world, stack, stack.operation), "Resource creation cancelled")
    stack.deletion_mode = params.get("DeletionMode")
    engine.begin(
        world, stack, "delete", caller, token,
        waiting={n for n, each in stack.resources.items() if each.status != "DELETE_COMPLETE"},
        retained=retained, forced=forced,
    )  # fmt: skip
    events.stack_event(world, stack, "DELETE_IN_PROGRESS", "User Initiated")
    engine.schedule(world, stack)


def _check_deletion(call: Call, stack: Stack, retained: frozenset[str], *, forced: bool) -> None:
    if retained and stack.status != "DELETE_FAILED":
        raise invalid(
            f"Invalid operation on stack [{stack.id}]. When you delete a stack, specify which resources to "
            "retain only when the stack is in the DELETE_FAILED state."
        )
    if forced and stack.status != "DELETE_FAILED":
        raise invalid(
            f"Invalid operation on stack [{stack.id}]. FORCE_DELETE_STACK can only be specified when the "
            "stack is in the DELETE_FAILED state."
        )
    for name in sorted(retained):
        resource = stack.resources.get(name)
        if resource is None:
            raise invalid(f"Resource {name} does not exist for stack {stack.name}")
        if resource.status != "DELETE_FAILED":
            raise invalid(
                f"Resource {name} is not in the DELETE_FAILED state and cannot be retained."
            )
    _refuse_used_exports(call, stack)


def _refuse_used_exports(call: Call, stack: Stack) -> None:
    store = call.store(CloudFormationStore)
    for output in stack.outputs.values():
        name = output.get("export")
        if name is None:
            continue
        for stack_id in store.living.values():
            other = store.stacks[stack_id]
            if other is not stack and planning.imports(other, name):
                raise invalid(f"Export {name} cannot be deleted as it is in use by {other.name}")


@operation("cloudformation", "UpdateTerminationProtection")
def update_termination_protection(call: Call) -> dict[str, Any]:
    """Turn a stack's termination protection on or off."""
    stack = requests.find_stack(call, "Stack [{}] does not exist")
    stack.termination_protection = bool(call.params["EnableTerminationProtection"])
    return {"StackId": stack.id}
