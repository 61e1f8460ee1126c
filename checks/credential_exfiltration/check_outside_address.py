"""From where the credentials were used."""

from __future__ import annotations

from ipaddress import ip_address

from labkit import CallerAddress, Evidence, Hint, Source, Wrong, task
from labkit.grading.types import read_address

from .incident import called_from, outside


@task(
    points=2,
    needs=(Source.TRAIL,),
    order=40,
    hints=(
        Hint("Every record of a call says where it came from: sourceIPAddress.", 0.5),
        Hint(
            "The server's own software uses the same credentials all day, from one address. Look for another one "
            "since somebody logged in.",
            0.5,
        ),
    ),
)
def outside_address(answer: CallerAddress, evidence: Evidence) -> None:
    """From which address, outside of your lab, were the server's credentials used?"""
    if answer in {call.address for call in outside(evidence)}:
        return
    if ip_address(answer).is_link_local:
        raise Wrong(
            "There a server asks for its own credentials: that address exists inside each server, and nobody "
            "calls AWS from it."
        )
    if answer in {server.private_address for server in evidence.instances}:
        raise Wrong("That is a private address of your own server: nothing outside has it.")
    if answer in called_from(evidence):  # and not from outside
        raise Wrong(
            "From there the server itself calls AWS, as it does all day. Who else had its key?"
        )
    if answer in {finding.remote_address for finding in evidence.findings}:
        raise Wrong("GuardDuty has a finding with that address, but it is about something else.")
    if answer in {read_address(event.address or "") for event in evidence.trail}:
        raise Wrong(
            "Calls came from that address, but with other credentials than the server's: compare the keys."
        )
    raise Wrong("No call came from that address at the time of the incident.")
