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
    """The Data Catalog of a Region as a caller may see it."""

    world: World
    caller: Caller
    region: str

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        """An answer of Glue's; raises ``AwsError`` with Glue's code."""
        return self.world.call(
            self.caller.through(PRINCIPAL), "glue", operation, self.region, **params
        )

    def every(self, operation: str, member: str, **params: Any) -> list[dict[str, Any]]:
        """Everything on all pages of a list."""
        found: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        while True:
            answer = self.call(operation, **params, **token)
            found += answer[member]
            if not answer.get("NextToken"):
                return found
            token = {"NextToken": answer["NextToken"]}


def is_missing(error: AwsError) -> bool:
    """Whether Glue says that what was asked for is not there."""
    return error.code == "EntityNotFoundException"
