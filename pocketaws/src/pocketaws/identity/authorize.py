"""Whether a caller may make a call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .attached import policies_of
from .checks import Check, checks_of
from .context import CallContext
from .denial import denial
from .evaluate import ALLOWED, Decision, Policies, Request, evaluate
from .policy import compile_policy
from .service_control import levels_of

if TYPE_CHECKING:
    from ..gateway.call import Call


# What a server may do without credentials. The operation checks whether the server may act on that
# resource.
_BY_INSTANCES = {"cloudformation:SignalResource"}


def authorize(call: Call) -> None:
    """Let the call pass, or raise ``AwsError`` with the service's own code for a denial."""
    policies = _attached(call)
    for check in checks_of(call):
        decision = decide(call, check, policies)
        if not decision.allowed:
            raise denial(call, check, decision)


def decide(call: Call, check: Check, policies: Policies | None = None) -> Decision:
    """Decide one check of a call, with ``policies`` if they've already been loaded."""
    caller = call.caller
    if caller.kind == "Unknown":
        return ALLOWED if check.action in _BY_INSTANCES else Decision(allowed=False)
    if caller.kind == "AWSService" and not check.has_policy:
        # A service that acts in its own right on a resource without policies isn't a principal that
        # any policy could name.
        return ALLOWED
    return evaluate(
        caller,
        Request(check.action.lower(), check.resource, CallContext(call, check)),
        _attached(call) if policies is None else policies,
        compile_policy(check.policy) if check.policy is not None else None,
        same_account=check.account in {None, caller.account},
        needs_grant=check.needs_grant,
    )


def _attached(call: Call) -> Policies:
    caller = call.caller
    with_none = {"Root", "AWSService", "Unknown"}
    policies = Policies() if caller.kind in with_none else policies_of(caller)
    levels = levels_of(call.world, caller)
    return replace(policies, service_control=levels) if levels else policies
