"""The service control policies that limit a caller.

Source: Organizations user guide, "Service control policies (SCPs)" (whom they affect), "SCP evaluation" (a permission
must be allowed at every level from the root to the account).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import moto_state
from .policy import Policy, compile_policy

if TYPE_CHECKING:
    from ..world import World
    from .caller import Caller

KIND = "SERVICE_CONTROL_POLICY"
_LIMITED = {"Root", "IAMUser", "AssumedRole"}
_SERVICE_LINKED = "/aws-service-role/"
# Shown for what AWS itself does in an account, such as creating the first role of a new one.
_AWS_ITSELF = "AWS Internal"

Levels = tuple[tuple[Policy, ...], ...]


def levels_of(world: World, caller: Caller) -> Levels:
    """The policies that limit the caller: one level for its account and one for each unit above it.

    Empty if nothing limits the caller.
    """
    management = world.management_account
    linked = caller.session is not None and caller.session.role_path.startswith(_SERVICE_LINKED)
    if (
        caller.kind not in _LIMITED
        or caller.account == management
        or caller.source_address == _AWS_ITSELF
        or linked
    ):
        return ()
    backend = moto_state.existing_backend("organizations", management, "aws")
    if backend is None or not is_enabled(backend):
        return ()
    above = {unit.id: unit for unit in backend.ou}
    place = next((each for each in backend.accounts if each.id == caller.account), None)
    found = []
    while place is not None:
        found.append(_policies(place))
        place = above.get(getattr(place, "parent_id", None))
    return tuple(found)


def is_enabled(backend: Any) -> bool:
    """Whether service control policies are enabled in moto's organization."""
    return any(
        kind["Type"] == KIND for unit in backend.ou for kind in getattr(unit, "policy_types", ())
    )


def _policies(target: Any) -> tuple[Policy, ...]:
    return tuple(
        compile_policy(policy.content) for policy in target.attached_policies if policy.type == KIND
    )
