"""The entry of each seat in the contract's JSON, as plain values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from labkit.deploy.status import LAB_DIFFERS_BUT_STAYS, SeatStatus
from labkit.errors import LabkitError
from labkit.model import Incident, SeatState

Row = dict[str, Any]


def failed_row(seat: str | None, account: str, error: LabkitError) -> Row:
    """Return the row of a seat that an error stopped: what happened, and what to do about it."""
    end = "" if error.message.endswith((".", "!", "?")) else "."
    return {
        "seat": seat,
        "account": account,
        "state": SeatState.FAILED.value,
        "detail": f"{error.message}{end} {error.hint}",
    }


def status_row(found: SeatStatus) -> Row:
    return {
        "seat": found.seat,
        "account": found.account,
        "state": found.state.value,
        "detail": found.detail,
        "expires": found.expires,
        "lab": asdict(found.lab) if found.lab is not None else None,
    }


def unlisted_row(row: Row) -> Row:
    """Return a row with a note that the roster doesn't list its seat."""
    return row | {"in_roster": False, "detail": f"not in the roster; {row['detail']}"}


def incident_row(seat: str, account: str, incident: Incident, *, changed: bool) -> Row:
    """Return the row of a seat after the incident; ``changed`` says whether its lab differs from ``workshop.toml``."""
    detail = f"the incident happened on {incident.instance_id}"
    return {
        "seat": seat,
        "account": account,
        "state": SeatState.INCIDENT.value,
        "detail": f"{detail}; {LAB_DIFFERS_BUT_STAYS}" if changed else detail,
        "incident": _incident_facts(incident),
    }


def finished_row(seat: str, account: str, number: int) -> Row:
    """Return the row of a seat whose last run had broken off after the incident, and is now finished."""
    return {
        "seat": seat,
        "account": account,
        "state": SeatState.INCIDENT.value,
        "detail": f"finished run {number}, which had broken off after the incident",
        "incident": None,
    }


def _incident_facts(incident: Incident) -> Row:
    """Return the contract's keys, then those of the calls from outside, if the scenario makes any."""
    facts = asdict(incident)
    if (outside := facts.pop("outside")) is not None:
        picked = outside.pop("picked")
        facts |= {**outside, **picked}
    return facts
