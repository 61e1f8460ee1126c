"""Whether policies allow a request.

Source: IAM user guide, "Policy evaluation logic" with its pages on requests within an account and
across accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from .caller import Caller
from .patterns import Context
from .policy import Policy, Statement
from .principals import Naming

Layer = Literal[
    "identity-based policy",
    "resource-based policy",
    "permissions boundary",
    "session policy",
    "service control policy",
]


class Request(NamedTuple):
    """What a caller wants to do."""

    action: str
    """Lowercase."""
    resource: str
    """An ARN, or ``*``."""
    context: Context


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies that apply to a principal."""

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] = ()
    """The session is limited to what they allow together; without any, it isn't limited."""
    service_control: tuple[tuple[Policy, ...], ...] = ()
    """One level for the account and one for each unit above it, up to the root. Every level must allow the request.
    """


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed, or denied: by which layer, and whether explicitly."""

    allowed: bool
    layer: Layer = "identity-based policy"
    explicit: bool = False


ALLOWED = Decision(allowed=True)


def evaluate(
    caller: Caller,
    request: Request,
    policies: Policies,
    resource_policy: Policy | None = None,
    *,
    same_account: bool = True,
    needs_grant: bool = False,
) -> Decision:
    """Decide one request.

    ``same_account``: whether the caller and the resource belong to the same account. ``needs_grant``: whether the
    resource's policy must name the caller in any case, as a role's trust policy must.
    """
    denied = _explicit(caller, request, policies, resource_policy)
    if denied is not None:
        return Decision(allowed=False, layer=denied, explicit=True)
    if not all(
        any(policy.allows(*request) for policy in level) for level in policies.service_control
    ):
        return Decision(allowed=False, layer="service control policy")
    naming = Naming.NOT
    if resource_policy is not None:
        naming = granted(caller, request, resource_policy)
    if naming is Naming.NOT and (needs_grant or not same_account):
        return Decision(allowed=False, layer="resource-based policy")
    lacking = _lacking(caller, request, policies, naming, same_account=same_account)
    return ALLOWED if lacking is None else Decision(allowed=False, layer=lacking)


def granted(caller: Caller, request: Request, policy: Policy) -> Naming:
    """How directly a resource policy grants the request to the caller."""
    best = Naming.NOT
    for statement in policy.allowances:
        naming = _naming(statement, caller)
        if naming > best and statement.covers(*request):
            best = naming
    return best


def _naming(statement: Statement, caller: Caller) -> Naming:
    if statement.principals is None:
        return Naming.NOT
    naming = statement.principals.naming(caller)
    if not statement.excepts_principals:
        return naming
    return Naming.ROLE if naming is Naming.NOT else Naming.NOT


def _lacking(
    caller: Caller, request: Request, policies: Policies, naming: Naming, *, same_account: bool
) -> Layer | None:
    """The layer that lacks a permission."""
    if caller.kind == "AWSService":
        return None if naming is Naming.DIRECT else "resource-based policy"
    if caller.kind == "Root" or (same_account and naming is Naming.DIRECT):
        return None
    by_role = same_account and naming is Naming.ROLE
    layers: tuple[tuple[Layer, tuple[Policy, ...], bool], ...] = (
        ("identity-based policy", policies.identity, not by_role),
        ("permissions boundary", (policies.boundary or _NOTHING,), policies.boundary is not None),
        ("session policy", policies.session, bool(policies.session)),
    )
    for layer, given, needed in layers:
        if needed and not any(policy.allows(*request) for policy in given):
            return layer
    return None


_NOTHING = Policy((), ())


def _explicit(
    caller: Caller, request: Request, policies: Policies, resource_policy: Policy | None
) -> Layer | None:
    """The layer that denies explicitly."""
    if any(policy.denies(*request) for level in policies.service_control for policy in level):
        return "service control policy"
    if any(policy.denies(*request) for policy in policies.identity):
        return "identity-based policy"
    if policies.boundary is not None and policies.boundary.denies(*request):
        return "permissions boundary"
    if any(policy.denies(*request) for policy in policies.session):
        return "session policy"
    if resource_policy is not None and any(
        _denial_meets(statement, caller) and statement.covers(*request)
        for statement in resource_policy.denials
    ):
        return "resource-based policy"
    return None


def _denial_meets(statement: Statement, caller: Caller) -> bool:
    if statement.principals is None:
        return False
    if statement.excepts_principals:
        return not statement.principals.exempts(caller)
    return statement.principals.naming(caller) is not Naming.NOT
