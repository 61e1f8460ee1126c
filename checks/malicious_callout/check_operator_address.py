"""Who connected to the server just before the call."""

from __future__ import annotations

from labkit import Address, Evidence, Hint, Source, task

from .incident import TIME_SERVER, AddressRole, operators, reject_address

FEEDBACK = {
    AddressRole.OWN_SERVER: "That is your own server. Who was connected to it is asked for.",
    AddressRole.LOGGED_IN: "That address got through to port 22, but look at the time of the call and at how much "
    "was exchanged: somebody else was at work.",
    AddressRole.REJECTED: "That is a scanner: it knocked and was turned away (REJECT).",
    AddressRole.TIME_SERVER: TIME_SERVER,
    AddressRole.CALLED: "Wrong direction: the server called that address. Who came in is asked for.",
    AddressRole.CONNECTED: "That address talked to your server, but not on the port for logging in.",
}
"""What to say about a wrong address, by its role; the first one that fits counts."""


def somebody_logged_in(evidence: Evidence) -> bool:
    """Whether there is an address to find: Run Command leaves none. Before the first run, nobody knows."""
    return not evidence.runs or any(run.via == "ssh" for run in evidence.runs)


@task(
    points=3,
    needs=(Source.FLOWS,),
    order=40,
    applies=somebody_logged_in,
    hints=(
        Hint(
            "Find the call in the flow logs, then read what is around it in the same stream.", 0.75
        ),
        Hint("People log in to servers on port 22. Who only knocks exchanges few bytes.", 0.75),
    ),
)
def operator_address(answer: Address, evidence: Evidence) -> None:
    """From which address was somebody logged in to the server when it made the call?"""
    if answer not in operators(evidence):
        reject_address(answer, evidence, FEEDBACK)
