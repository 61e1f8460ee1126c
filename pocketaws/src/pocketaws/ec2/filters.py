"""Filters of describe calls: unknown names are refused as on AWS.

The valid names are those in each action's documentation, which botocore's model contains.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from ..errors import AwsError
from ..gateway import protocol
from ..registry import before
from .surface import DESCRIBES

if TYPE_CHECKING:
    from ..gateway.call import Call

_NAME = re.compile(r"<code>([a-z0-9][a-z0-9.:<>-]*)</code>\s*(?:-|\(|:|—)", re.IGNORECASE)


@functools.cache
def known(operation: str) -> frozenset[str]:
    """The documented filters of an action, without the ``tag:`` ones."""
    members = protocol.operation_model("ec2", operation).input_shape.members
    text = getattr(members.get("Filters") or members.get("Filter"), "documentation", "") or ""
    return frozenset(name for name in _NAME.findall(text) if not name.startswith("tag:"))


@before("ec2", *DESCRIBES)
def filters_are_known(call: Call) -> None:
    """Refuse an unknown filter, or one without values."""
    for given in call.params.get("Filters", []) or call.params.get("Filter", []):
        name = given.get("Name", "")
        names = known(call.operation)
        if names and name not in names and not name.startswith("tag:"):
            raise AwsError("InvalidParameterValue", f"The filter '{name}' is invalid")
        if not given.get("Values"):
            raise AwsError("InvalidParameterValue", f"The filter '{name}' has no values")
