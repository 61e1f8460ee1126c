"""Calls Glue on behalf of Athena's caller, who needs Glue's permissions.

Source: Athena user guide, "Configure access to databases and tables in the AWS Glue Data Catalog".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import AwsError

if TYPE_CHECKING:
    from ..identity.caller import Caller
    from ..world import World

PRINCIPAL = "athena.amazonaws.com"


@dataclass(frozen=True)
class Glue:
    """A Region's Data Catalog, seen with the caller's permissions."""

    world: World
    caller: Caller
    region: str

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        """Call a Glue operation; raises ``AwsError`` with Glue's code."""
        return self.world.call(
            self.caller.through(PRINCIPAL), "glue", operation, self.region, **params
        )

    def every(self, operation: str, member: str, **params: Any) -> list[dict[str, Any]]:
        """Return the items of all pages of a list."""
        found: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        while True:
            answer = self.call(operation, **params, **token)
            found += answer[member]
            if not answer.get("NextToken"):
                return found
            token = {"NextToken": answer["NextToken"]}


def is_missing(error: AwsError) -> bool:
    """Whether Glue reports that the entity doesn't exist."""
    return error.code == "EntityNotFoundException"
