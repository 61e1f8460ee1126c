"""CloudFormation: what its calls are checked for.

Source: service authorization reference, "AWS CloudFormation".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .check import Check, action_of, arn, checks, pass_role

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
    """The stack, and the role that it is to be made with."""
    params = call.params
    name = str(params.get("StackName") or params.get("PhysicalResourceId") or "")
    if name.startswith("arn:"):
        resource = name
    else:
        resource = arn(call, "cloudformation", f"stack/{name or '*'}/*")
    keys: dict[str, Any] = {key: (str(params[p]),) for p, key in _KEYS.items() if p in params}
    if params.get("ResourceTypes"):
        keys["cloudformation:resourcetypes"] = tuple(params["ResourceTypes"])
    yield Check(action_of(call), resource, keys=keys)
    if params.get("RoleARN"):
        yield pass_role(call, params["RoleARN"], "cloudformation.amazonaws.com")


@checks("cloudformation", *_WITHOUT_RESOURCE)
def without_resource(call: Call) -> Iterator[Check]:
    """These speak of no stack."""
    yield Check(action_of(call))
