"""Create the seats and the file of a new workshop, for ``init`` and ``demo``."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Sequence
from pathlib import Path

from labkit.aws import Cloud, explain_errors
from labkit.errors import UsageError
from labkit.model import Seat
from labkit.scenario import find_scenario
from labkit.scenarios import DEFAULT
from labkit.workshop import parse_workshop

# Public-looking addresses for the threat list of a local workshop.
LOCAL_THREATS = (
    "209.85.202.94",
    "203.0.115.17",
    "198.20.69.74",
    "185.220.101.34",
    "45.155.205.233",
)
_MEMBER_ROLE = "OrganizationAccountAccessRole"


def numbered_seats(count: int) -> tuple[Seat, ...]:
    """Return seats ``seat-1`` and up without accounts: all use the caller's own account."""
    return tuple(Seat(f"seat-{number}") for number in range(1, count + 1))


def local_seats(workshop: str, count: int, region: str) -> tuple[Seat, ...]:
    """Create a member account in the caller's organization for each seat."""
    if not os.environ.get("AWS_ENDPOINT_URL"):
        raise UsageError(
            "AWS_ENDPOINT_URL isn't set, so --local would create accounts on real AWS.",
            "Run 'labkit local start', then: eval \"$(labkit local env)\"",
        )
    organizations = Cloud(region).caller.client("organizations")
    seats = []
    for seat in numbered_seats(count):
        email = f"{seat.id}@{workshop}.example.com"
        with explain_errors(f"creating an account for {seat.id}"):
            made = organizations.create_account(AccountName=f"{workshop}-{seat.id}", Email=email)
        seats.append(Seat(seat.id, made["CreateAccountStatus"]["AccountId"], email))
    return tuple(seats)


def workshop_text(
    name: str,
    region: str,
    seats: Sequence[Seat],
    *,
    roster: Path | None = None,
    local: bool = False,
    scenario: str = DEFAULT,
) -> str:
    """Return the text of a ``workshop.toml``; raises ``UsageError`` if it wouldn't be valid."""
    settings = find_scenario(scenario).settings.model_fields
    lines = ["[workshop]", f"name = {quoted(name)}", f"scenario = {quoted(scenario)}"]
    lines += [f"region = {quoted(region)}", 'ttl = "8h"']
    if roster is not None:
        lines.append(f"roster = {quoted(str(roster))}")
    if any(seat.account for seat in seats) or roster is not None:
        lines += ["", "[access]", f"role = {quoted(_MEMBER_ROLE)}"]
    lines += ["", "[scenario]"]
    if "servers" in settings:
        lines.append("servers = 2")
    if local and "threat_addresses" in settings:
        lines.append(f"threat_addresses = {json.dumps(list(LOCAL_THREATS))}")
    for seat in seats:
        lines += ["", "[[seat]]", f"id = {quoted(seat.id)}"]
        if seat.account:
            lines.append(f"account = {quoted(seat.account)}")
        if seat.email:
            lines.append(f"email = {quoted(seat.email)}")
    text = "\n".join(lines) + "\n"
    parse_workshop(tomllib.loads(text), Path("workshop.toml"))
    return text


def refuse_existing(path: Path) -> None:
    """Raise ``UsageError`` if the file already exists."""
    if path.exists():
        raise UsageError(
            f"{path} already exists.", "Work in another folder, or remove the file yourself."
        )


def write_new(path: Path, text: str) -> None:
    """Write a new file; raises ``UsageError`` if it already exists."""
    refuse_existing(path)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)


def quoted(value: str | float) -> str:
    """Write a TOML string or number; JSON has the same syntax for both."""
    return json.dumps(value, ensure_ascii=False)
