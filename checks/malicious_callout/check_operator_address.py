"""Who connected to the server just before the call."""

from __future__ import annotations

from labkit import Address, Evidence, Hint, Source, task

from .incident import TIME_SERVER, AddressRole, operators, reject_address

FEEDBACK = {
    AddressRole.OWN_SERVER: "That's your own server. We need the address that connected to it.",
    AddressRole.LOGGED_IN: "That address got through to port 22. But look at the time of the call and the bytes "
    "exchanged: someone else was at work.",
    AddressRole.REJECTED: "That's a scanner: it tried to connect and was rejected (REJECT).",
    AddressRole.TIME_SERVER: TIME_SERVER,
    AddressRole.CALLED: "Wrong direction: the server called that address. We need the address that connected to the server.",
    AddressRole.CONNECTED: "That address talked to your server, but not on the port that people log in on.",
}
"""The feedback on a wrong address, by its role. The first role that fits counts."""


def someone_logged_in(evidence: Evidence) -> bool:
    """Whether there's an address to find. Run Command leaves none; before the first run, assume that there is one."""
    return not evidence.runs or any(run.via == "ssh" for run in evidence.runs)


@task(
    points=3,
    needs=(Source.FLOWS,),
    order=40,
    applies=someone_logged_in,
    hints=(
        Hint(
            "While someone is logged in, one end of the line is port 22 of the server. Leave out what was rejected.",
            0.75,
        ),
        Hint(
            "Someone at work exchanges thousands of bytes during the minute of the call; a scanner sends a few packets and leaves.",
            0.75,
        ),
    ),
)
def operator_address(answer: Address, evidence: Evidence) -> None:
    """From which address was someone logged in to the server when it made the call?"""
    if answer not in operators(evidence):
        reject_address(answer, evidence, FEEDBACK)
