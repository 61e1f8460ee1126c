"""GuardDuty: what its calls are checked for. Few of its actions have resource types.

Source: service authorization reference, "Amazon GuardDuty".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .check import Check, action_of, arn, checks

if TYPE_CHECKING:
    from ...gateway.call import Call

_LISTS = ("IPSet", "ThreatIntelSet", "ThreatEntitySet", "TrustedEntitySet")


@checks("guardduty", "GetDetector", "UpdateDetector", "DeleteDetector", "ListCoverage")
def detector(call: Call) -> Iterator[Check]:
    """The detector."""
    yield Check(
        action_of(call), arn(call, "guardduty", f"detector/{call.params.get('DetectorId', '*')}")
    )


@checks(
    "guardduty",
    *(f"{verb}{kind}" for kind in _LISTS for verb in ("Create", "Get", "Update", "Delete")),
    *(f"{verb}Filter" for verb in ("Create", "Get", "Update", "Delete")),
)
def lists(call: Call) -> Iterator[Check]:
    """The list or filter.

    What the service changes of its own role for it, it changes as the caller, who is checked then.
    """
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


@checks("guardduty", "TagResource", "UntagResource", "ListTagsForResource")
def tagging(call: Call) -> Iterator[Check]:
    """The resource by its ARN."""
    yield Check(action_of(call), str(call.params.get("ResourceArn", "*")))
