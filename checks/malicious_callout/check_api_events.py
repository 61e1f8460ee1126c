"""What was done to the server through the AWS API."""

from __future__ import annotations

from labkit import CallNames, Evidence, Hint, Pending, Source, Wrong, task
from labkit.evidence.window import spans
from labkit.model import ApiEvent

POINTS = 2
LAUNCH, STOP = "RunInstances", "StopInstances"
READING = ("describe", "get", "list", "lookup")
# Whether event history lists these under the server's name is not documented: neither asked for nor wrong.
WAY_IN = {"ssh": "SendSSHPublicKey", "ssm": "SendCommand"}


@task(
    points=POINTS,
    needs=(Source.HISTORY,),
    order=50,
    hints=(
        Hint("CloudTrail's event history can be searched by the name of a resource.", 0.5),
        Hint("Names that begin with Describe, Get or List only read.", 0.5),
    ),
)
def api_events(answer: CallNames, evidence: Evidence) -> None:
    """Which API calls in the server's event history changed something about it?

    Give the names of the events, from its launch to the end of the incident.
    """
    events = against_the_server(evidence)
    changes = {event.name for event in events if not event.read_only}
    wanted = [name for name in (LAUNCH, STOP) if name in changes]
    missing = answer.missing(wanted)
    others = answer.beyond(changes | {WAY_IN[run.via] for run in evidence.runs})
    if not others and not missing:
        return
    points = POINTS * max(0, len(wanted) - len(missing) - len(others)) / len(wanted)
    if reading := [name for name in others if name.lower().startswith(READING)]:
        raise Wrong(f"What only reads changes nothing: {', '.join(reading)}.", points=points)
    if others:
        raise Wrong(
            f"This is not in the event history of your server: {', '.join(others)}.", points=points
        )
    raise Wrong(
        "All of these are right, but the history lists more. Go back to the server's launch, and on to "
        "how the incident ended.",
        points=points,
    )


def against_the_server(evidence: Evidence) -> list[ApiEvent]:
    """What event history lists under the servers that were stopped in a run, up to the end of the run."""
    windows = spans(evidence.runs)
    own = {server.instance_id for server in evidence.instances}
    stopped = {
        (resource, window.end)
        for event in evidence.history
        if event.name == STOP and event.error_code is None
        for window in windows
        if window.holds(event.time)
        for resource in event.resources
        if resource in own
    }
    if not stopped:
        raise Pending("The end of the incident is not in the event history yet. Check again later.")
    return [
        event
        for event in evidence.history
        if event.error_code is None
        and any(server in event.resources and event.time <= end for server, end in stopped)
    ]
