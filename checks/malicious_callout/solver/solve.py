"""Solves the exercise with nothing but the attendee role's credentials, as the module teaches it.

It proves that the exercise can be solved, and is not part of what is installed.
"""

from __future__ import annotations

from labkit.aws import Account
from labkit.cli.common.attendees import Answers, Part, play
from labkit.model import Lab


def solve(attendee: Account, lab: Lab) -> Answers:
    """The right answers, by task."""
    return play(Part.SOLVES, attendee, lab)


def miss(attendee: Account, lab: Lab) -> Answers:
    """Answers that look right to somebody who stopped looking too early, by task."""
    return play(Part.ERRS, attendee, lab)
