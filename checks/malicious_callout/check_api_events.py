"""Which API calls changed the server."""

from __future__ import annotations

from labkit import CallNames, Evidence, Hint, Pending, Source, Wrong, task
from labkit.evidence.window import run_windows
from labkit.grading.feedback import of_names
from labkit.model import ApiEvent

from .incident import WAY_IN

POINTS = 1
LAUNCH, STOP = "RunInstances", "StopInstances"
READING = ("describe", "get", "list", "lookup")


@task(
    points=POINTS,
    needs=(Source.HISTORY,),
    order=50,
    hints=(
        Hint("Someone once created the server. That's a change, too.", 0.25),
        Hint("The last change was made by the incident response, right after the call.", 0.25),
    ),
)
def api_events(answer: CallNames, evidence: Evidence) -> None:
    """Which API calls in the server's event history changed the server?

    Give the event names, from its launch to the end of the incident.
    """
    events = against_the_server(evidence)
    changes = {event.name for event in events if not event.read_only}
    wanted = [name for name in (LAUNCH, STOP) if name in changes]
    missing = answer.missing(wanted)
    # AWS doesn't document whether the event history lists the way in under the server, so it's neither required nor wrong.
    others = answer.beyond(changes | {WAY_IN[run.via] for run in evidence.runs})
    if not others and not missing:
        return
    points = POINTS * max(0, len(wanted) - len(missing) - len(others)) / len(wanted)
    if reading := [name for name in others if name.lower().startswith(READING)]:
        raise Wrong(
            f"{of_names(reading, answer)} only {'reads' if len(reading) == 1 else 'read'}; that changes nothing.",
            points=points,
        )
    if others:
        raise Wrong(why(CallNames(others), answer, evidence), points=points)
    raise Wrong(
        "These are all right, but the history lists more. Go back to the server's launch and forward to how "
        "the incident ended.",
        points=points,
    )


def why(others: CallNames, answer: CallNames, evidence: Evidence) -> str:
    """Why these names don't count: the first explanation that fits any of them.

    It says how many don't count, not which: otherwise, a list of every call there is would soon become the answer.
    """
    own = {server.instance_id for server in evidence.instances}
    listed = [event for event in evidence.history if own & set(event.resources)]
    last = max((window.end for window in run_windows(evidence.runs)), default=None)
    is_late = [event for event in listed if last is not None and event.time > last]
    kinds = (
        (
            [e for e in is_late if e.error_code],
            "in the event history, but AWS refused it, after the incident",
        ),
        (is_late, "in the event history, but not as part of the incident: it came later"),
        ([e for e in listed if e.error_code], "in the event history, but AWS refused it"),
        (listed, "in the event history, but not as part of the incident"),
    )
    for events, reason in kinds:
        if these := others.among(event.name for event in events):
            return f"{of_names(these, answer)}: {reason}."
    return f"{of_names(others, answer)}: not in your server's event history."


def against_the_server(evidence: Evidence) -> list[ApiEvent]:
    """Events listed under the servers that were stopped in a run, up to the end of that run."""
    windows = run_windows(evidence.runs)
    own = {server.instance_id for server in evidence.instances}
    stopped = {
        (resource, window.end)
        for event in evidence.history
        if event.name == STOP and event.error_code is None
        for window in windows
        if window.contains(event.time)
        for resource in event.resources
        if resource in own
    }
    if not stopped:
        raise Pending(
            "The event history doesn't show the end of the incident yet. Check again later."
        )
    return [
        event
        for event in evidence.history
        if event.error_code is None
        and any(server in event.resources and event.time <= end for server, end in stopped)
    ]
