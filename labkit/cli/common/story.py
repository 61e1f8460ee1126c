"""The whole story of a workshop on an embedded AWS in this process: what ``labkit demo`` tells.

Each phase is a function of the same work that the verbs do; nothing here reaches into the local AWS but to start
it, to take credentials as ``labkit local env`` does, and to read the inbox.
"""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

from labkit.aws import Account
from labkit.cli.common.attendees import PARTS, Answers, Part, play
from labkit.cli.common.judging import collect_class, collected, judge_class
from labkit.cli.common.starting import local_seats, workshop_text
from labkit.cli.common.work import Row, Work
from labkit.errors import CloudError
from labkit.fleet import over
from labkit.model import Grades, Outcome, Seat
from labkit.scenarios import DEFAULT
from labkit.submissions import submit
from labkit.workshop import parse_workshop

REGION = "eu-west-1"
WORKSHOP = "demo"
EVIDENCE_WAIT = timedelta(seconds=20)
EXPECTED = {Part.SOLVES: Outcome.PASSED, Part.ERRS: Outcome.WRONG, Part.RESTS: Outcome.UNANSWERED}


def begin(seats: int, scenario: str = DEFAULT) -> Work:
    """A workshop with an account for each seat."""
    made = local_seats(WORKSHOP, seats, REGION)
    text = workshop_text(WORKSHOP, REGION, made, local=True, scenario=scenario)
    return Work.on(parse_workshop(tomllib.loads(text), Path("workshop.toml")), None)


def part_of(work: Work, seat: Seat) -> Part:
    """The parts go round: who sits where plays what."""
    return PARTS[work.seats.index(seat) % len(PARTS)]


def attend(work: Work) -> dict[str, Answers]:
    """Every attendee investigates and hands in; returns what, by seat."""

    def one(seat: Seat) -> Answers:
        found = play(part_of(work, seat), attendee(work, seat), work.deployed(seat).lab)
        hand_in(work, seat, found)
        return found

    outcome = over(work.seats, one, interrupt=work.interrupt)
    for done in outcome:
        if done.error is not None:
            raise done.error
    return {done.item.id: done.result or {} for done in outcome}


def hand_in(work: Work, seat: Seat, answers: Answers) -> None:
    """Hand in answers by the attendee's own role."""
    account = attendee(work, seat)
    for task, values in answers.items():
        submit(account, work.workshop, seat.id, task, values)


def attendee(work: Work, seat: Seat) -> Account:
    """A session of a seat's attendee role."""
    arn = work.deployed(seat).lab.attendee_role_arn
    return work.cloud.account(seat.account).assume(arn, seat.id)


def judge(work: Work, *, quiet: bool = False, wait: bool = True) -> Grades:
    """Collect and judge; a seat of which nothing could be collected is an error here."""
    patience = EVIDENCE_WAIT if wait else timedelta()
    bundles, failed = collected(collect_class(work, wait=patience, quiet=quiet))
    if failed:
        raise failed[0][1]
    return judge_class(work, bundles)


def surprises(work: Work, grades: Grades, removed: list[Row]) -> list[str]:
    """What is not as the story expects it; empty where all is."""
    said = []
    by_id = {seat.id: seat for seat in work.seats}
    for seat in grades.seats:
        expected = EXPECTED[part_of(work, by_id[seat.seat])]
        said += [
            f"{seat.seat}: {verdict.task} is {verdict.outcome}, not {expected}: {verdict.message}"
            for verdict in seat.verdicts
            if verdict.outcome is not expected
        ]
    said += [
        f"{row['seat']}: {thing['kind']} {thing['id']} is left: {thing['reason']}"
        for row in removed
        for thing in row["leftovers"]
    ]
    said += [f"{row['seat']}: {row['detail']}" for row in removed if row["state"] != "absent"]
    return said


def require(rows: list[Row], *states: str) -> None:
    """Raise ``CloudError`` for the first seat that is in none of ``states``."""
    for row in rows:
        if row["state"] not in states:
            raise CloudError(
                f"{row['seat']} is {row['state']}: {row['detail']}", "Run again with --debug."
            )
