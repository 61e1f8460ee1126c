"""Which accounts and Regions to look in: the roster's, those that ``up`` noted, and the organization's.

``up`` notes them in ``.labkit/<workshop>.json`` before it makes anything, because a roster changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from labkit.aws import Cloud
from labkit.errors import UsageError
from labkit.model import Seat, Workshop
from labkit.workflow.folders import accounts_file


@dataclass(frozen=True, slots=True)
class Place:
    """An account in a Region."""

    account: str
    region: str
    known: bool = True
    """Whether the roster or a note names it; if only the organization does, labkit may be unable to enter it."""


def places(
    workshop: Workshop, cloud: Cloud, seats: Iterable[Seat], *, noted: bool, organization: bool
) -> tuple[Place, ...]:
    """Return where to look for a workshop: the accounts of these seats first, each place once."""
    named = [Place(seat.account or cloud.caller.id, workshop.region) for seat in seats]
    found = dict.fromkeys([*named, *(noted_places(workshop) if noted else ())])
    if organization:
        entered = {(place.account, place.region) for place in found}
        for account in cloud.organization():
            if (account, workshop.region) not in entered:
                found[Place(account, workshop.region, known=False)] = None
    return tuple(found)


def note(workshop: Workshop, used: Iterable[Place]) -> None:
    """Note where a workshop is deployed, in addition to what's noted already."""
    file = accounts_file(workshop)
    known = dict.fromkeys([*noted_places(workshop), *used])
    file.parent.mkdir(parents=True, exist_ok=True)
    entries = [{"account": place.account, "region": place.region} for place in known]
    new = file.with_suffix(".new")
    new.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    new.replace(file)


def noted_places(workshop: Workshop) -> Iterator[Place]:
    """Yield the noted places. Raises ``UsageError`` if the note can't be read."""
    file = accounts_file(workshop)
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        yield from [Place(str(entry["account"]), str(entry["region"])) for entry in entries]
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(
            f"The list of accounts that the workshop is deployed in, {file}, can't be read: {error}.",
            "Restore the file, or remove it if every account is in workshop.toml.",
        ) from error
