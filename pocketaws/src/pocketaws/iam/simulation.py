"""The policy simulator: what a user, group, or role could do.

It evaluates with the evaluator that also decides about calls, but knows nothing of a real request: the condition keys
are those that the caller gives. Not emulated: simulations across accounts, and excluded policies.

Source: IAM API reference, "SimulatePrincipalPolicy", "GetContextKeysForPrincipalPolicy", "EvaluationResult"; IAM user
guide, "Testing IAM policies with the IAM policy simulator".
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..identity.attached import holders, policies_of_entity, policy_text
from ..identity.caller import Caller
from ..identity.evaluate import Decision, Policies, Request, evaluate
from ..identity.policy import Policy, PolicyError, compile_policy
from ..identity.service_control import levels_of
from ..registry import operation
from .condition_keys import keys_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..gateway.call import Call

_LIST_SIZE = 100
_SEVERITY = ("allowed", "implicitDeny", "explicitDeny")
_NOT_EMULATED = (
    "CallerArn", "ResourceOwner", "ResourceHandlingOption", "PolicyExclusionList",
)  # fmt: skip


@dataclass
class _Context:
    """The given condition keys, and those that policies asked for in vain."""

    given: dict[str, tuple[str, ...]]
    missing: set[str] = field(default_factory=set)

    def get(self, key: str) -> tuple[str, ...] | None:
        if key not in self.given:
            self.missing.add(key)
        return self.given.get(key)


@dataclass(frozen=True)
class _Source:
    """A policy of the simulation: its document as compiled, and how results name it."""

    policy: Policy
    name: str
    type: str | None


@dataclass(frozen=True)
class _Simulation:
    """Whose policies are simulated, and with what."""

    caller: Caller
    policies: Policies
    sources: tuple[_Source, ...]
    resource_policy: Policy | None
    keys: dict[str, tuple[str, ...]]


@operation("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(call: Call) -> dict[str, Any]:
    """Decide each action on each resource."""
    asked = [name for name in _NOT_EMULATED if name in call.params]
    if asked:
        message = f"SimulatePrincipalPolicy with {', '.join(asked)} isn't emulated."
        raise AwsError("NotImplemented", message, 501)
    simulation = _prepare(call)
    results = [_result(simulation, action, call.params) for action in call.params["ActionNames"]]
    start = int(call.params.get("Marker", "0") if call.params.get("Marker", "0").isdigit() else 0)
    end = start + int(call.params.get("MaxItems", _LIST_SIZE))
    answer: dict[str, Any] = {
        "EvaluationResults": results[start:end],
        "IsTruncated": end < len(results),
    }
    return {**answer, "Marker": str(end)} if end < len(results) else answer


@operation("iam", "GetContextKeysForPrincipalPolicy")
def get_context_keys(call: Call) -> dict[str, Any]:
    """The condition keys that the policies test, so that a simulation can give values for them."""
    entity, _ = _entity(call)
    texts = [text for text, _, _ in _texts(call.account, entity)]
    texts += call.params.get("PolicyInputList", [])
    return {"ContextKeyNames": sorted({key for text in texts for key in keys_in(text)})}


def _prepare(call: Call) -> _Simulation:
    entity, caller = _entity(call)
    attached = policies_of_entity(call.account, entity)
    more = [_compiled(text) for text in call.params.get("PolicyInputList", [])]
    bounds = [_compiled(text) for text in call.params.get("PermissionsBoundaryPolicyInputList", [])]
    policies = replace(
        attached,
        identity=(*attached.identity, *more),
        boundary=bounds[0] if bounds else attached.boundary,
        service_control=levels_of(call.world, caller),
    )
    sources = [
        _Source(compile_policy(t), name, kind) for t, name, kind in _texts(call.account, entity)
    ]
    sources += [_Source(p, f"PolicyInputList.{n}", None) for n, p in enumerate(more, 1)]
    resource_policy = call.params.get("ResourcePolicy")
    keys = {
        entry["ContextKeyName"].lower(): tuple(entry.get("ContextKeyValues", []))
        for entry in call.params.get("ContextEntries", [])
    }
    known = {"aws:principalarn": (caller.arn,), "aws:principalaccount": (call.account,)}
    return _Simulation(
        caller, policies, tuple(sources),
        _compiled(resource_policy) if resource_policy else None, {**known, **keys},
    )  # fmt: skip


def _compiled(text: str) -> Policy:
    try:
        return compile_policy(text)
    except PolicyError as error:
        raise AwsError("InvalidInput", f"Syntax errors in policy: {error}") from error


def _entity(call: Call) -> tuple[Any, Caller]:
    """moto's user, group, or role, and the principal that is simulated."""
    arn: str = call.params["PolicySourceArn"]
    iam = moto_state.backend("iam", call.account, "aws")
    known = [*iam.users.values(), *iam.groups.values(), *iam.roles.values()]
    entity = next((each for each in known if each.arn == arn), None)
    if entity is None:
        raise AwsError("NoSuchEntity", f"The principal {arn} does not exist.", 404)
    kind = "IAMUser" if ":user/" in arn else "AssumedRole"
    caller = Caller(kind, call.account, arn, entity.id, call.caller.source_address)  # type: ignore[arg-type]
    return entity, caller


def _texts(account: str, entity: Any) -> Iterator[tuple[str, str, str]]:
    """``(document, name, type)`` of each policy of an entity."""
    for holder in holders(account, entity):
        kind = holder.arn.split(":")[5].partition("/")[0]
        for name, text in holder.policies.items():
            yield text, name, kind
        for managed in holder.managed_policies.values():
            own = managed.arn.split(":")[4] != "aws"
            yield policy_text(managed), managed.name, "user-managed" if own else "aws-managed"


def _result(simulation: _Simulation, action: str, params: dict[str, Any]) -> dict[str, Any]:
    """The result of one action: of all resources together, and of each one that was named."""
    if ":" not in action:
        raise AwsError("InvalidInput", f"Invalid Action: {action}")
    resources: list[str] = params.get("ResourceArns", [])
    single = [_single(simulation, action, resource) for resource in resources or ["*"]]
    together = max(single, key=lambda each: _SEVERITY.index(each["EvalDecision"]))
    # AWS names the form of the action's resources here, which the emulator doesn't know.
    top = {**together, "EvalActionName": action, "EvalResourceName": "*"}
    del top["EvalResourceDecision"]
    if resources:
        top["MissingContextValues"] = []
        top["ResourceSpecificResults"] = [_specific(each) for each in single]
    return top


def _specific(single: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in single.items()
        if name not in {"EvalDecision", "EvalActionName", "OrganizationsDecisionDetail"}
    }  # fmt: skip


def _single(simulation: _Simulation, action: str, resource: str) -> dict[str, Any]:
    context = _Context(simulation.keys)
    request = Request(action.lower(), resource, context)
    policies = simulation.policies
    decision = evaluate(simulation.caller, request, policies, simulation.resource_policy)
    text = _word(decision)
    result: dict[str, Any] = {
        "EvalResourceName": resource,
        "EvalDecision": text,
        "EvalResourceDecision": text,
        "MatchedStatements": _matched(simulation, request, decision),
        "MissingContextValues": sorted(context.missing),
    }
    if policies.boundary is not None:
        bounded = policies.boundary.allows(*request) and not policies.boundary.denies(*request)
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": bounded}
    if policies.service_control:
        by_scp = decision.allowed or decision.layer != "service control policy"
        result["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": by_scp}
    return result


def _word(decision: Decision) -> str:
    if decision.allowed:
        return "allowed"
    return "explicitDeny" if decision.explicit else "implicitDeny"


def _matched(simulation: _Simulation, request: Request, decision: Decision) -> list[dict[str, Any]]:
    """The policies that decided; a denial by default has none."""
    if not decision.allowed and not decision.explicit:
        return []
    return [
        {
            "SourcePolicyId": source.name,
            **({"SourcePolicyType": source.type} if source.type else {}),
        }
        for source in simulation.sources
        if (source.policy.allows if decision.allowed else source.policy.denies)(*request)
    ]
