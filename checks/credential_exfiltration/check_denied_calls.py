"""Which calls with the server's credentials AWS refused."""

from __future__ import annotations

import math
from collections.abc import Iterable

from labkit import CallNames, Evidence, Hint, Source, Wrong, task
from labkit.grading.feedback import of_names
from labkit.model import ApiEvent

from .incident import Call, by_run, denied, is_data_event, missing

POINTS = 2


@task(
    points=POINTS,
    needs=(Source.TRAIL,),
    order=50,
    hints=(
        Hint("Not every service says AccessDenied. EC2 has an error code of its own.", 0.5),
        Hint(
            "There are at least three. Each belongs to a different service or list, and all came within seconds.",
            0.5,
        ),
    ),
)
def denied_calls(answer: CallNames, evidence: Evidence) -> None:
    """Which API calls made from outside with the server's credentials did AWS refuse?

    Give the event names.
    """
    found = [refused(calls) for _, calls in by_run(evidence)]
    accepted = {event.name for events in found for event in events}
    # Data events, which the event history leaves out, are optional.
    sets = [sorted({e.name for e in events if not is_data_event(e)}) for events in found]
    sets = [names for names in sets if names]
    if not sets:
        raise missing(evidence, "refused call from outside")
    others = answer.beyond(accepted)
    wanted = min(sets, key=lambda names: len(answer.missing(names)))
    left = answer.missing(wanted)
    if not others and not left:
        return
    right = max(0, len(wanted) - len(left) - len(others))
    points = math.floor(4 * POINTS * right / len(wanted)) / 4  # in quarters of a point
    if others:
        raise Wrong(why(CallNames(others), answer, evidence), points=points)
    raise Wrong(
        "AWS refused all of these, but also others. Look at every call with that key that has an error code.",
        points=points,
    )


def refused(calls: Iterable[Call]) -> list[ApiEvent]:
    """The calls from outside that AWS refused."""
    return [call.event for call in calls if call.outside and denied(call.event)]


def why(others: CallNames, answer: CallNames, evidence: Evidence) -> str:
    """What's wrong with how many of these names: the first explanation that fits any of them, but not which ones."""
    outside = [call.event for _, calls in by_run(evidence) for call in calls if call.outside]
    kinds = (
        (
            [event for event in outside if event.error_code],
            "it failed, but not because of a missing permission",
        ),
        (outside, "AWS didn't refuse it; it has no error code"),
        (
            list(filter(denied, evidence.trail)),
            "AWS refused it, but to someone with other credentials",
        ),
        (evidence.trail, "someone else called it, or the server itself did"),
    )
    for events, said in kinds:
        if these := others.among(event.name for event in events):
            return f"{of_names(these, answer)}: {said}."
    names = "this name" if len(others) == 1 else "these names"
    return (
        f"{of_names(others, answer)}: nobody made a call with {names} at the time of the incident."
    )
