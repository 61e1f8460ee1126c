"""Which command fetched the credentials."""

from __future__ import annotations

import re
from collections.abc import Callable

from labkit import Command, Evidence, Hint, Source, Wrong, task
from labkit.evidence.window import run_windows
from labkit.grading.command_log import commands_in, holds, split

from .incident import asked_for_a_token, asked_for_the_role, fetches

POINTS = 3
SERVICE = "169.254.169.254"


@task(
    points=POINTS,
    needs=(Source.COMMANDS,),
    unique=True,
    order=20,
    hints=(
        Hint(
            "The credentials of a role are at an address that exists inside each server: 169.254.169.254.",
            0.5,
        ),
        Hint(
            "Several lines ask that address for something. In only one, the path goes on after security-credentials/.",
            0.5,
        ),
    ),
)
def command(answer: Command, evidence: Evidence) -> None:
    """Which command typed on the server fetched the credentials of its role?

    Give the whole line as it was typed.
    """
    lines = [record.command for record in fetches(evidence)]

    def some(is_so: Callable[[str, str], bool]) -> bool:
        return any(is_so(reading, line) for reading in answer.readings for line in lines)

    if any(answer.same_as(line) for line in lines) or some(same_but_for_quotes):
        return
    others = [
        record.command
        for window in run_windows(evidence.runs)
        for record in commands_in(evidence, window)
    ]
    for line in filter(answer.same_as, others):
        if asked_for_a_token(line):
            raise Wrong("That line only got a token. We need the line that used it.")
        if asked_for_the_role(line):
            raise Wrong("That line only asked which role the server has. What came next?")
        raise Wrong("That was typed on one of your servers, but it didn't fetch credentials.")
    if some(lost_its_variables):
        raise Wrong(
            "Almost: your own shell replaced a variable ($…) in the line. Put the line in single quotes."
        )
    if some(holds):
        raise Wrong("Your answer contains more than the line itself. Leave the rest out.")
    if some(is_part):
        raise Wrong(
            "That's part of the right line. Give the whole line, including its options, exactly as typed."
        )
    if some(is_like):
        raise Wrong(
            "Someone typed a similar line, but not this one. Copy it exactly from your own server's log; it's "
            "different in every lab."
        )
    raise Wrong(
        "Nobody typed that on your servers during the incident. Look in their command logs."
    )


def same_but_for_quotes(reading: str, line: str) -> bool:
    """Whether it's the line after a shell removed its quotation marks."""
    return " ".join(split(reading)).split() == " ".join(split(line)).split()


def lost_its_variables(reading: str, line: str) -> bool:
    """Whether it's the line after a shell replaced its variables with nothing."""
    emptied = re.sub(r"\$\{?\w+\}?", "", line)
    return emptied != line and same_but_for_quotes(reading, emptied)


def is_part(reading: str, line: str) -> bool:
    """Whether the answer includes the word that names the credentials, and only words of the line."""
    mine = split(reading)
    return set(mine) <= set(split(line)) and any("/security-credentials/" in word for word in mine)


def is_like(reading: str, line: str) -> bool:
    """Whether the same program asks the metadata service, with other arguments."""
    mine = split(reading)
    return bool(mine) and mine[0] == split(line)[0] and SERVICE in reading
