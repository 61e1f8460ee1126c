"""An inventory: everything that exists of a scope in one account, read once per round."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.aws import Account, explain_errors
from labkit.deploy.stacks import Stack
from labkit.errors import LabkitError
from labkit.model import Leftover
from labkit.teardown.kinds import kinds
from labkit.teardown.resources import Resource
from labkit.teardown.scope import Scope
from labkit.teardown.search import Search, first_of_each


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a search found in an account, and where it couldn't look."""

    account: str
    region: str
    stacks: tuple[Stack, ...]
    """Every stack of any workshop."""
    resources: tuple[Resource, ...]
    """What's in the scope."""
    staying: tuple[Leftover, ...] = ()
    """What stays of the workshop because other workshops need it."""
    gaps: tuple[LabkitError, ...] = ()
    """Why a kind of resource couldn't be listed. While there are any, nobody knows whether something is left."""

    @property
    def removable(self) -> tuple[Resource, ...]:
        """Everything that AWS doesn't remove on its own."""
        return tuple(each for each in self.resources if not each.goes_by_itself)


def take_inventory(account: Account, scope: Scope) -> Inventory:
    """List every kind of resource; raises ``LabkitError`` if the account's stacks can't be read."""
    with explain_errors("looking for what exists"):
        search = Search.begin(account)
    scope = scope.in_account(search.stacks)
    found: list[Resource] = []
    gaps: list[LabkitError] = []
    for kind in kinds().values():
        try:
            with explain_errors(f"looking for every {kind.name}"):
                found += [each for each in kind.find(search) if scope.covers(each)]
        except LabkitError as error:
            gaps.append(error)
    resources = tuple(first_of_each(found))
    return Inventory(
        account.id,
        account.region,
        search.stacks,
        resources,
        scope.staying(search.stacks),
        tuple(gaps),
    )
