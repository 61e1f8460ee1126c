"""One API call on its way through the pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from .http import HttpRequest

if TYPE_CHECKING:
    from ..identity.caller import Caller
    from ..world import World


T = TypeVar("T")


@dataclass(slots=True)
class Call:
    """An operation, its parsed parameters, and its caller.

    ``params`` has the member names of botocore's input shape; timestamps are aware datetimes, and blobs are
    bytes. ``http`` is the original request (calls between services get one from the pipeline).
    """

    world: World
    caller: Caller
    service: str
    operation: str
    region: str
    params: dict[str, Any]
    request_id: str
    now: datetime
    http: HttpRequest

    @property
    def account(self) -> str:
        return self.caller.account

    def store(self, kind: type[T]) -> T:
        """A service's state in this account and Region: ``call.store(LogsStore)``."""
        return self.world.store(kind, self.account, self.region)
