"""Where the credentials were used from."""

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
        Hint(
            "UpdateInstanceInformation is a call by the server itself, so it shows the address that you aren't looking for.",
            0.5,
        ),
        Hint(
            "Look at the calls in the minute after someone logged in. Some of them came from elsewhere.",
            0.5,
        ),
    ),
)
def outside_address(answer: CallerAddress, evidence: Evidence) -> None:
    """From which address outside your lab were the server's credentials used?"""
    if answer in {call.address for call in outside(evidence)}:
        return
    if ip_address(answer).is_link_local:
        raise Wrong(
            "That's where a server gets its own credentials. The address exists inside each server, and nobody "
            "calls AWS from it."
        )
    if answer in {server.private_address for server in evidence.instances}:
        raise Wrong("That's a private address of your own server. Nothing outside has it.")
    if answer in called_from(evidence):  # and not from outside
        raise Wrong("The server itself calls AWS from there, all day. Who else had its key?")
    if answer in {finding.remote_address for finding in evidence.findings}:
        raise Wrong("GuardDuty has a finding with that address, but it's about something else.")
    if answer in {read_address(event.address or "") for event in evidence.trail}:
        raise Wrong(
            "Calls came from that address, but with credentials other than the server's. Compare the keys."
        )
    raise Wrong("No call came from that address at the time of the incident.")
