"""Events that two accounts share, in the other account's form.

Sources: CloudTrail user guide, "Example sharedEventID"; IAM user guide, "Logging IAM and AWS STS API
calls", the example of cross-account access.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .records.identity import foreign_identity

if TYPE_CHECKING:
    from ..identity.caller import Caller
    from ..world import World
    from .records.event import Event


def shared_event_for(world: World, caller: Caller, event: Event, account: str) -> Event:
    """The same event as ``account`` sees it: with a foreign caller. Both events share an ID."""
    event.shared_event_id = world.uuid()
    return replace(event, identity=foreign_identity(caller), event_id=world.uuid(), account=account)
