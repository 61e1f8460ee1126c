"""Physical names that CloudFormation generates.

Source: CloudFormation user guide, "Name type": the stack's name, the logical ID, and a random part,
truncated to the service's limit.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..world import World

_RANDOM_LENGTH = 12
_ALPHABET = string.ascii_uppercase + string.digits


def physical_name(
    world: World, stack_name: str, logical_id: str, limit: int, *, lower: bool = False
) -> str:
    """Return ``stack-LogicalId-RANDOM12``, at most ``limit`` characters long."""
    room = limit - _RANDOM_LENGTH - 2
    stack_part, logical_part = stack_name, logical_id
    if len(stack_part) + len(logical_part) > room:
        half = room // 2
        logical_part = logical_part[: max(half, room - len(stack_part))]
        stack_part = stack_part[: room - len(logical_part)]
    suffix = random_suffix(world)
    name = f"{stack_part}-{logical_part}-{suffix}"
    return name.lower() if lower else name


def short_name(world: World, stack_name: str, logical_id: str) -> str:
    """Make up an ID for a resource without one of its own, such as an inline policy."""
    return f"{stack_name[:5]}-{logical_id[:4]}-{random_suffix(world)}"


def random_suffix(world: World) -> str:
    return "".join(world.random.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
