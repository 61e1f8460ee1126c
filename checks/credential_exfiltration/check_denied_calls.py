"""Which calls with the server's credentials were refused."""

from __future__ import annotations

from collections.abc import Iterable

from labkit import CallNames, Evidence, Hint, Source, Wrong, task
from labkit.model import ApiEvent

from .incident import Call, by_run, denied, is_data_event, missing

POINTS = 3


@task(
    points=POINTS,
    needs=(Source.TRAIL,),
    order=50,
    hints=(
        Hint("A refused call is recorded as well: errorcode says that it was refused.", 0.75),
        Hint(
            "EC2 spells it in another way than other services do. Look for whatever has an error code, "
            "with the key that was used from outside.",
            0.75,
        ),
    ),
)
def denied_calls(answer: CallNames, evidence: Evidence) -> None:
    """Which API calls from outside, with the server's credentials, were refused?

    Give the names of the events.
    """
    found = [refused(calls) for _, calls in by_run(evidence)]
    accepted = {event.name for events in found for event in events}
    # What event history leaves out may be named, and need not be.
    sets = [sorted({e.name for e in events if not is_data_event(e)}) for events in found]
    sets = [names for names in sets if names]
    if not sets:
        raise missing(evidence, "refused call from outside")
    services = {event.source.partition(".")[0] for event in evidence.trail} | {"s3api"}
    others = answer.beyond(accepted | services)
    wanted = min(sets, key=lambda names: len(answer.missing(names)))
    left = answer.missing(wanted)
    if not others and not left:
        return
    points = POINTS * max(0, len(wanted) - len(left) - len(others)) / len(wanted)
    if others:
        raise Wrong(why(CallNames(others), evidence), points=points)
    raise Wrong(
        "All of these were refused, but more was. Look at every call with that key that has an error code.",
        points=points,
    )


def refused(calls: Iterable[Call]) -> list[ApiEvent]:
    """The calls from outside that were refused."""
    return [call.event for call in calls if call.outside and denied(call.event)]


def why(others: CallNames, evidence: Evidence) -> str:
    """What is wrong with names that are not right: the first thing that is true of any of them."""
    outside = [call.event for _, calls in by_run(evidence) for call in calls if call.outside]
    kinds = (
        (
            [event for event in outside if event.error_code],
            "That failed, but not for want of a permission",
        ),
        (outside, "That was not refused: it has no error code"),
        (
            list(filter(denied, evidence.trail)),
            "That was refused, but to somebody else, with other credentials",
        ),
        (evidence.trail, "That was called by somebody else, or by the server itself"),
    )
    for events, said in kinds:
        if these := others.among(event.name for event in events):
            return f"{said}: {', '.join(these)}."
    return f"No call of that name was made at the time of the incident: {', '.join(others)}."
