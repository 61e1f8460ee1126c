"""Signals for resources that wait for them.

Source: CloudFormation API reference, "SignalResource"; user guide, "CreationPolicy attribute";
template reference, "cfn-signal" (without credentials, a server can signal for the stack that it
belongs to).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import moto_state
from ...errors import AwsError
from ...registry import operation
from .. import engine, events
from ..run import Run
from ..template import invalid
from . import requests

if TYPE_CHECKING:
    from ...gateway.call import Call
    from ..store import Stack


@operation("cloudformation", "SignalResource")
def signal_resource(call: Call) -> None:
    """Count a signal. A failure fails the resource; the last expected success completes it."""
    params = call.params
    stack = requests.find_stack(call, "Stack '{}' does not exist")
    logical_id, unique_id = params["LogicalResourceId"], params["UniqueId"]
    resource = stack.resources.get(logical_id)
    if resource is None:
        raise invalid(f"Resource {logical_id} does not exist for stack {stack.name}")
    if call.caller.kind == "Unknown" and not _belongs(call, stack):
        raise AwsError("AccessDenied", f"{call.caller.principal_id} is not in {stack.name}.", 403)
    waiting = stack.operation is not None and logical_id in stack.operation.running
    if not waiting or resource.signals_wanted == 0 or stack.operation is None:
        raise invalid(f"Resource {logical_id} is in {resource.status} state and cannot be signaled")
    if unique_id in resource.signals:
        return
    status = params["Status"]
    run = Run(call.world, stack, stack.operation)
    resource.signals[unique_id] = status
    told = f"Received {status} signal with UniqueId {unique_id}"
    if status == "FAILURE":
        run.fail(logical_id, "CREATE_FAILED", told)
        engine.schedule(call.world, stack, 0)
        return
    events.resource_event(call.world, stack, resource, resource.status, told)
    if len(resource.signals) >= resource.signals_wanted:
        run.check_again(logical_id, 0)


def _belongs(call: Call, stack: Stack) -> bool:
    """Whether the calling server belongs to the stack, according to its CloudFormation tag."""
    backend = moto_state.existing_backend("ec2", call.account, call.region)
    tags = backend.tags.get(call.caller.principal_id, {}) if backend is not None else {}
    return tags.get("aws:cloudformation:stack-id") == stack.id
