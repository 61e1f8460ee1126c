"""Resolves names in a template for one stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from . import intrinsics, schemas
from .parameters import Parameter
from .resources import handler
from .store import CloudFormationStore, Stack
from .template import Template, format_error, invalid

if TYPE_CHECKING:
    from ..identity.caller import Caller
    from ..world import World

PSEUDO_PARAMETERS = {
    "AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region",
    "AWS::StackId", "AWS::StackName", "AWS::URLSuffix",
}  # fmt: skip


class StackScope:
    """The scope of a stack that's moving to ``template`` with ``parameters``."""

    def __init__(
        self,
        world: World,
        stack: Stack,
        caller: Caller,
        template: Template,
        parameters: Mapping[str, Parameter],
        conditions: Mapping[str, bool],
    ) -> None:
        self.world = world
        self.stack = stack
        self.caller = caller
        self.mappings = template.mappings
        self.conditions = conditions
        self._parameters = parameters

    def ref(self, name: str) -> Any:
        if name in self._parameters:
            return self._parameters[name].value
        if name in PSEUDO_PARAMETERS:
            return self._pseudo(name)
        resource = self.stack.resources.get(name)
        if resource is None:
            raise format_error(
                f"Unresolved resource dependencies [{name}] in the Resources block of the template"
            )
        work = handler.Work(self.world, self.stack, resource, self.caller)
        return handler.of(resource.type).reference(work)

    def attribute(self, resource: str, name: str) -> Any:
        found = self.stack.resources.get(resource)
        if found is None:
            raise invalid(
                f"Template error: instance of Fn::GetAtt references undefined resource {resource}"
            )
        work = handler.Work(self.world, self.stack, found, self.caller)
        return handler.of(found.type).attribute(work, name)

    def import_value(self, name: str) -> str:
        store = self.world.store(CloudFormationStore, self.stack.account, self.stack.region)
        exported = store.exports().get(name)
        if exported is None:
            raise invalid(f"No export named {name} found.")
        return exported[0]

    def zones(self, region: str) -> list[str]:
        if not schemas.is_region(region):
            raise invalid(f"Template error: Fn::GetAZs cannot find the Region {region}")
        found = self.world.call(self.caller, "ec2", "DescribeAvailabilityZones", region)
        return sorted(zone["ZoneName"] for zone in found["AvailabilityZones"])

    def dynamic(self, service: str, key: str) -> str:
        if service == "ssm":
            return self._ssm(key)
        if service in {"ssm-secure", "secretsmanager"}:
            # ssm-secure is for passwords, and none of the emulated types has one.
            raise invalid(
                f"{'SSM Secure' if service == 'ssm-secure' else 'Secrets Manager'} reference is not "
                f"supported here: {key}"
            )
        raise invalid(f"Invalid dynamic reference: {service}")

    def _ssm(self, key: str) -> str:
        name = key.strip()
        try:
            parameter = self.world.call(
                self.caller, "ssm", "GetParameter", self.stack.region, Name=name
            )["Parameter"]
        except AwsError as error:
            if error.code != "ParameterNotFound":
                raise
            raise invalid(f"Parameters: [{name}] cannot be found.") from error
        if parameter["Type"] == "SecureString":
            raise invalid(f"Non-secure SSM reference was used for secure parameter: [{name}]")
        return str(parameter["Value"])

    def _pseudo(self, name: str) -> Any:
        stack = self.stack
        return {
            "AWS::AccountId": stack.account,
            "AWS::Region": stack.region,
            "AWS::StackId": stack.id,
            "AWS::StackName": stack.name,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NotificationARNs": [],
        }[name]


def evaluate_conditions(scope: StackScope, template: Template) -> dict[str, bool]:
    """Evaluate all of a template's conditions; they can refer to each other, but not in a cycle."""
    found: dict[str, bool] = {}
    seen: set[str] = set()
    # The scope already contains the conditions evaluated so far.
    scope.conditions = found

    def decide(name: str) -> None:
        if name in found:
            return
        if name in seen:
            raise format_error(f"Circular dependencies for condition {name}")
        if name not in template.conditions:
            raise format_error(
                f"Unresolved condition dependency {name} in the Condition block of the template"
            )
        seen.add(name)
        node = template.conditions[name]
        for other in sorted(intrinsics.used_conditions(node)):
            decide(other)
        found[name] = intrinsics.evaluate_condition(node, scope)

    for name in template.conditions:
        decide(name)
    return found
