"""CloudFormation: the actions and resources that authorization checks for each call.

Source: service authorization reference, "AWS CloudFormation".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...cloudformation.store import CloudFormationStore
from ..checks import Check, action_of, arn, checks, pass_role

if TYPE_CHECKING:
    from ...gateway.call import Call

_WITHOUT_RESOURCE = (
    "ListStacks",
    "ListExports",
    "ListImports",
    "ValidateTemplate",
    "EstimateTemplateCost",
)
_KEYS = {
    "TemplateURL": "cloudformation:templateurl",
    "StackPolicyURL": "cloudformation:stackpolicyurl",
    "RoleARN": "cloudformation:rolearn",
    "ChangeSetName": "cloudformation:changesetname",
}


@checks("cloudformation")
def stack(call: Call) -> Iterator[Check]:
    """The stack, and the service role that the caller passes."""
    params = call.params
    resource, tags = _stack(call)
    keys: dict[str, Any] = {key: (str(params[p]),) for p, key in _KEYS.items() if p in params}
    if params.get("ResourceTypes"):
        keys["cloudformation:resourcetypes"] = tuple(params["ResourceTypes"])
    yield Check(action_of(call), resource, keys=keys, tags=lambda: tags)
    if params.get("RoleARN"):
        yield pass_role(call, params["RoleARN"], "cloudformation.amazonaws.com")


def _stack(call: Call) -> tuple[str, dict[str, str]]:
    """Return the stack's ARN (complete if the stack exists) and its tags."""
    params = call.params
    store = call.store(CloudFormationStore)
    name = str(params.get("StackName") or "")
    found = store.find(name) if name else None
    if not name and params.get("ChangeSetName"):
        change_set = params["ChangeSetName"]
        found = next((s for s in store.stacks.values() if change_set in s.change_sets), None)
    if not name and params.get("PhysicalResourceId"):
        wanted = params["PhysicalResourceId"]
        found = next(
            (
                s
                for s in store.stacks.values()
                if any(r.physical_id == wanted for r in s.resources.values())
            ),
            None,
        )
    if found is not None:
        return found.id, dict(found.definition.tags)
    if name.startswith("arn:"):
        return name, {}
    return arn(call, "cloudformation", f"stack/{name or '*'}/*"), {}


@checks("cloudformation", *_WITHOUT_RESOURCE)
def without_resource(call: Call) -> Iterator[Check]:
    """These calls have no stack."""
    yield Check(action_of(call))
