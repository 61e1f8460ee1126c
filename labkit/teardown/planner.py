"""Plan a teardown: from what exists to the actions that remove it."""

from __future__ import annotations

from collections import defaultdict

from labkit.model import Action, Plan
from labkit.teardown.inventory import Inventory
from labkit.teardown.kinds import kinds

# Later actions for a seat depend on these: while its stack exists, its servers write, and its answers count.
_REQUIRED = {"stack"}


def plan_teardown(inventory: Inventory) -> Plan:
    """Return the actions that remove everything in an inventory.

    What a stack removes isn't an action of its own. What's shared comes after what belongs to seats.
    """
    known = kinds()
    going = {each.id for each in inventory.removable if each.kind == "stack"}
    stages: dict[tuple[bool, int], list[Action]] = defaultdict(list)
    for resource in inventory.removable:
        steps = known[resource.kind].steps(resource, with_stack=resource.stack in going)
        for stage, verb in steps:
            action = Action(
                inventory.account, inventory.region, resource.owner.seat, verb, resource.kind,
                resource.id, resource.reason, resource.target, required=resource.kind in _REQUIRED,
            )  # fmt: skip
            stages[resource.owner.seat is None, stage].append(action)
    ordered = tuple(tuple(stages[key]) for key in sorted(stages))
    return Plan(inventory.account, inventory.region, ordered)
