"""CloudFormation's own resources: wait conditions.

Source: CloudFormation user guide, "Create wait conditions in a CloudFormation template"; CloudFormation template
reference, "AWS::CloudFormation::WaitCondition" (with a ``CreationPolicy``, it has no properties and no handle).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .handler import ResourceFailed, ResourceType, Work, resource_type


@resource_type("AWS::CloudFormation::WaitCondition")
class WaitCondition(ResourceType):
    """A wait condition that gets its signals by ``SignalResource``, as its ``CreationPolicy`` says."""

    create_seconds = 1.0
    delete_seconds = 1.0

    def create(self, work: Work) -> None:
        if not work.resource.signals_wanted:
            raise ResourceFailed(
                "Wait condition handles are not emulated here. Give the wait condition a CreationPolicy"
            )
        work.identify(f"{work.stack.id}/{work.resource.logical_id}")

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        del work, before  # it has nothing that could change

    def delete(self, work: Work) -> None:
        del work  # it exists in its stack only

    def gone(self, work: Work) -> bool:
        del work
        return True
