"""What's attached to a principal: its policies, its tags, and its organization. moto holds this state."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .. import moto_state
from .caller import Caller
from .evaluate import Policies
from .policy import Policy, compile_policy

if TYPE_CHECKING:
    from ..gateway.call import Call


def policies_of(caller: Caller) -> Policies:
    """The policies of a user or of a session's role; none if it no longer exists."""
    entity = _entity(caller)
    if entity is None:
        return Policies()
    policies = policies_of_entity(caller.account, entity)
    session = caller.session
    if session is None:
        return policies
    return replace(policies, session=tuple(compile_policy(text) for text in session.policies))


def policies_of_entity(account: str, entity: Any) -> Policies:
    """The policies of moto's user (with those of its groups), group, or role."""
    iam = moto_state.backend("iam", account, "aws")
    identity = tuple(
        compile_policy(text) for holder in holders(account, entity) for text in _texts(holder)
    )
    return Policies(identity, _boundary(iam, account, entity))


def holders(account: str, entity: Any) -> list[Any]:
    """What has the policies of moto's user, group, or role: itself, and a user's groups."""
    groups = moto_state.backend("iam", account, "aws").groups.values()
    return [entity, *(group for group in groups if entity in group.users)]


def _entity(caller: Caller) -> Any:
    """moto's user or role behind a caller."""
    iam = moto_state.backend("iam", caller.account, "aws")
    if caller.session is not None:
        return iam.roles.get(caller.session.role_id)
    if caller.user_name is not None:
        user = iam.users.get(caller.user_name)
        return user if user is not None and user.id == caller.principal_id else None
    return None


def _texts(holder: Any) -> list[str]:
    attached = [policy_text(policy) for policy in holder.managed_policies.values()]
    return [*holder.policies.values(), *attached]


def policy_text(managed: Any) -> str:
    """The document of a managed policy's default version."""
    return str(
        next(v.document for v in managed.versions if v.version_id == managed.default_version_id)
    )


def _boundary(iam: Any, account: str, entity: Any) -> Policy | None:
    arn = getattr(entity, "permissions_boundary_arn", None)
    if arn is None:
        return None
    managed = iam.managed_policies.get(arn) or moto_state.aws_managed_policy(arn, account)
    # A boundary whose policy no longer exists allows nothing.
    return compile_policy(policy_text(managed)) if managed is not None else Policy((), ())


def principal_tags(call: Call) -> dict[str, str]:
    """The calling user's tags, or the role's tags overridden by the session's own."""
    entity = _entity(call.caller)
    tags = {tag["Key"]: tag["Value"] for tag in (entity.tags or [] if entity is not None else [])}
    if call.caller.session is not None:
        tags.update(call.caller.session.tags)
    return tags


def organization_of(call: Call, account: str) -> str | None:
    """The ID of the organization that an account belongs to."""
    backend = moto_state.backend("organizations", call.world.management_account, "aws")
    if backend.org is None or all(member.id != account for member in backend.accounts):
        return None
    return str(backend.org.id)
