"""Which command called out."""

from __future__ import annotations

import re

from labkit import Command, Evidence, Hint, Source, Wrong, task
from labkit.evidence.window import run_windows
from labkit.grading.command_log import commands_in, holds, split
from labkit.grading.types import read_address

from .incident import Callout, callouts

POINTS = 3


@task(
    points=POINTS,
    needs=(Source.COMMANDS,),
    unique=True,
    order=20,
    hints=(
        Hint(
            "Most lines were typed to look around. Only one gives a program the address of another machine.",
            0.5,
        ),
        Hint("The program is curl. Search the command log of each server for it.", 0.5),
    ),
)
def command(answer: Command, evidence: Evidence) -> None:
    """Which command typed on the server called out? Give the whole line as it was typed."""
    made = callouts(evidence)
    if any(answer.same_as(callout.record.command) for callout in made):
        return
    others = [
        record for window in run_windows(evidence.runs) for record in commands_in(evidence, window)
    ]
    if any(answer.same_as(record.command) for record in others):
        raise Wrong("That was typed on one of your servers, but it didn't call out.")
    if all(read_address(reading) for reading in answer.readings):
        raise Wrong("That's an address. We need the whole line that was typed.")
    if any(
        holds(reading, callout.record.command) for reading in answer.readings for callout in made
    ):
        raise Wrong("Your answer contains more than the line itself. Leave the rest out.")
    if any(is_part(reading, callout) for reading in answer.readings for callout in made):
        raise Wrong(
            "That's part of the right line. Give the whole line, including its options, exactly as typed.",
            points=POINTS / 2,
        )
    if any(is_like(reading, callout) for reading in answer.readings for callout in made):
        raise Wrong(
            "A similar line called out, but not this one. Copy it exactly from your own server's log; it's "
            "different in every lab."
        )
    raise Wrong(
        "Nobody typed that on your servers during the incident. Look in their command logs."
    )


def is_part(reading: str, callout: Callout) -> bool:
    """Whether the answer includes the word with the called address, and only words of the line."""
    mine, line = split(reading), split(callout.record.command)
    return set(mine) <= set(line) and any(callout.address in word for word in mine)


def is_like(reading: str, callout: Callout) -> bool:
    """Whether the same program calls an address, with other arguments."""
    mine, line = split(reading), split(callout.record.command)
    return bool(mine) and mine[0] == line[0] and bool(re.search(r"\d+(\.\d+){3}|:", reading))
