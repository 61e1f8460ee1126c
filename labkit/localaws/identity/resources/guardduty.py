"""GuardDuty: what its calls are checked for. Few of its actions have resource types.

Source: service authorization reference, "Amazon GuardDuty"; GuardDuty user guide, "Setting up
permissions to upload lists" and "Service-linked roles".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ... import moto_state
from .check import Check, action_of, arn, checks, service_linked_role

if TYPE_CHECKING:
    from ...gateway.call import Call

_SERVICE = "guardduty.amazonaws.com"
_ROLE = "AWSServiceRoleForAmazonGuardDuty"
_LISTS = ("IPSet", "ThreatIntelSet", "ThreatEntitySet", "TrustedEntitySet")


@checks("guardduty", "GetDetector", "UpdateDetector", "DeleteDetector", "ListCoverage")
def detector(call: Call) -> Iterator[Check]:
    """The detector."""
    yield Check(
        action_of(call), arn(call, "guardduty", f"detector/{call.params.get('DetectorId', '*')}")
    )


@checks("guardduty", "CreateDetector")
def create_detector(call: Call) -> Iterator[Check]:
    """No resource; the first detector of an account brings the service's own role."""
    yield Check(action_of(call))
    wanted = service_linked_role(call, _SERVICE, _ROLE)
    if moto_state.role_by_arn(wanted) is None:
        yield Check("iam:CreateServiceLinkedRole", wanted, keys={"iam:awsservicename": (_SERVICE,)})


@checks(
    "guardduty",
    *(f"{verb}{kind}" for kind in _LISTS for verb in ("Create", "Get", "Update", "Delete")),
    *(f"{verb}Filter" for verb in ("Create", "Get", "Update", "Delete")),
)
def lists(call: Call) -> Iterator[Check]:
    """The list or filter, and the right to let the service's role read it."""
    verb = next(v for v in ("Create", "Get", "Update", "Delete") if call.operation.startswith(v))
    kind = call.operation.removeprefix(verb)
    resource = (
        call.params.get(f"{kind}Id") or call.params.get("FilterName") or call.params.get("Name")
    )
    if verb == "Create" and kind != "Filter":
        yield Check(action_of(call))
    else:
        path = f"detector/{call.params.get('DetectorId', '*')}/{kind.lower()}/{resource or '*'}"
        yield Check(action_of(call), arn(call, "guardduty", path))
    if kind in {"IPSet", "ThreatIntelSet"} and verb != "Get":
        changed = "iam:DeleteRolePolicy" if verb == "Delete" else "iam:PutRolePolicy"
        yield Check(changed, service_linked_role(call, _SERVICE, _ROLE))


@checks("guardduty", "TagResource", "UntagResource", "ListTagsForResource")
def tagging(call: Call) -> Iterator[Check]:
    """The resource by its ARN."""
    yield Check(action_of(call), str(call.params.get("ResourceArn", "*")))
