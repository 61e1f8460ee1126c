"""Systems Manager: parameters.

Source: CloudFormation template reference, "AWS::SSM::Parameter" (which doesn't support
``SecureString``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import names
from .handler import ResourceType, Work, resource_type, update_tags

_SETTINGS = ("Type", "Value", "Description", "AllowedPattern", "Tier", "DataType", "Policies")


@resource_type("AWS::SSM::Parameter")
class Parameter(ResourceType):
    """A parameter."""

    supported = frozenset({"Name", "Tags", *_SETTINGS})
    attributes = frozenset({"Type", "Value", "Arn"})
    updatable = frozenset(_SETTINGS)

    def create(self, work: Work) -> None:
        name = work.properties.get("Name") or (
            f"CFN-{work.resource.logical_id}-{names.random_suffix(work.world)}"
        )
        work.call("ssm", "PutParameter", Name=name, **self._settings(work), Tags=work.tag_list())
        work.identify(name, Arn=self._arn(work, name), **self._shown(work))

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        name = work.physical_id
        if self._settings(work) != {k: before[k] for k in _SETTINGS if k in before}:
            work.call("ssm", "PutParameter", Name=name, Overwrite=True, **self._settings(work))
        work.resource.attributes.update(self._shown(work))
        which = {"ResourceType": "Parameter", "ResourceId": name}
        update_tags(
            work, before, "ssm", tag="AddTagsToResource", untag="RemoveTagsFromResource", **which
        )

    def delete(self, work: Work) -> None:
        work.delete_if_exists("ssm", "DeleteParameter", "ParameterNotFound", Name=work.physical_id)

    def gone(self, work: Work) -> bool:
        return not work.exists("ssm", "GetParameter", "ParameterNotFound", Name=work.physical_id)

    def _settings(self, work: Work) -> dict[str, Any]:
        return {name: work.properties[name] for name in _SETTINGS if name in work.properties}

    def _shown(self, work: Work) -> dict[str, str]:
        return {"Type": work.properties["Type"], "Value": work.properties["Value"]}

    def _arn(self, work: Work, name: str) -> str:
        slash = "" if name.startswith("/") else "/"
        return f"arn:aws:ssm:{work.region}:{work.account}:parameter{slash}{name}"
