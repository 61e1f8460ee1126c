"""Who connected to the server just before the call."""

from __future__ import annotations

from labkit import Address, Evidence, Hint, Source, Wrong, task

from .incident import Seen, operators, seen


def somebody_logged_in(evidence: Evidence) -> bool:
    """Whether there is an address to find: Run Command leaves none. Before any run, it may yet be so."""
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
    if answer in operators(evidence):
        return
    kinds = seen(evidence, answer)
    if Seen.OWN_SERVER in kinds:
        raise Wrong("That is your own server. Who was connected to it is asked for.")
    if Seen.LOGGED_IN in kinds:
        raise Wrong(
            "That address got through to port 22, but look at the time of the call and at how much was "
            "exchanged: somebody else was at work."
        )
    if Seen.TURNED_AWAY in kinds:
        raise Wrong("That is a scanner: it knocked and was turned away (REJECT).")
    if Seen.TIME_SERVER in kinds:
        raise Wrong("That address is in your flow logs, but it is a time server (port 123).")
    if Seen.CALLED in kinds:
        raise Wrong("Wrong direction: the server called that address. Who came in is asked for.")
    if Seen.CAME_IN in kinds:
        raise Wrong("That address talked to your server, but not on the port for logging in.")
    raise Wrong("That address is not in your flow logs at the time of the incident.")
