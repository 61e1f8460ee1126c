"""A whole workshop on the built-in AWS emulator, with scripted attendees: the steps of ``labkit demo``.

Each step uses the same operations as the commands. The scenario's solver decides what the attendees do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

from labkit.aws import Account
from labkit.concurrent import map_seats
from labkit.errors import CloudError
from labkit.model import Grades, Outcome, Seat
from labkit.progress import Progress, no_progress
from labkit.scenario import find_scenario
from labkit.scenarios import DEFAULT
from labkit.submissions import submit
from labkit.workflow.attendees import Attendee, answers_of, load_solver
from labkit.workflow.collect import collect_class, split_results
from labkit.workflow.grade import judge_class
from labkit.workflow.investigation import Answers
from labkit.workflow.new_workshop import local_seats, workshop_text
from labkit.workflow.operations import Operations
from labkit.workflow.rows import Row
from labkit.workshop import parse_workshop

REGION = "eu-west-1"
WORKSHOP = "demo"
EVIDENCE_WAIT = timedelta(seconds=60)
EXPECTED = {
    Attendee.SOLVER: Outcome.PASSED,
    Attendee.GUESSER: Outcome.WRONG,
    Attendee.IDLE: Outcome.UNANSWERED,
}


def begin(seats: int, scenario: str = DEFAULT, progress: Progress = no_progress) -> Operations:
    """Create a workshop in the emulator, with an account for each seat."""
    made = local_seats(WORKSHOP, seats, REGION)
    text = workshop_text(WORKSHOP, REGION, made, local=True, scenario=scenario)
    workshop = parse_workshop(tomllib.loads(text), Path("workshop.toml"))
    return Operations.on(workshop, progress=progress)


def kind_of(operations: Operations, seat: Seat) -> Attendee:
    """Return the kind of attendee in a seat; the kinds take turns."""
    kinds = tuple(Attendee)
    return kinds[operations.seats.index(seat) % len(kinds)]


def attend(operations: Operations) -> dict[str, Answers]:
    """Let every attendee investigate and submit answers; returns the answers by seat."""
    solver = load_solver(find_scenario(operations.workshop.scenario).solver_file)

    def attend_seat(seat: Seat) -> Answers:
        account, lab = attendee(operations, seat), operations.deployed(seat).lab
        answers = answers_of(kind_of(operations, seat), solver, account, lab)
        submit_all(operations, seat, answers)
        return answers

    results = map_seats(operations.seats, attend_seat, interrupt=operations.interrupt)
    return {result.item.id: result.unwrap() for result in results}


def submit_all(operations: Operations, seat: Seat, answers: Answers) -> None:
    """Submit answers with the seat's attendee role."""
    account = attendee(operations, seat)
    for task, values in answers.items():
        submit(account, operations.workshop, seat.id, task, values)


def attendee(operations: Operations, seat: Seat) -> Account:
    """A session of a seat's attendee role."""
    arn = operations.deployed(seat).lab.attendee_role_arn
    return operations.cloud.account(seat.account).assume(arn, seat.id)


def judge(operations: Operations, *, wait: timedelta = EVIDENCE_WAIT) -> Grades:
    """Collect and judge; raises the error of a seat that can't be collected."""
    bundles, failed = split_results(collect_class(operations, wait=wait))
    if failed:
        raise failed[0][1]
    return judge_class(operations, bundles)


def unexpected_results(
    operations: Operations, grades: Grades, removed: Collection[Row]
) -> list[str]:
    """Return unexpected verdicts, leftovers, and failures."""
    by_id = {seat.id: seat for seat in operations.seats}
    found = []
    for seat in grades.seats:
        expected = EXPECTED[kind_of(operations, by_id[seat.seat])]
        if not seat.verdicts:
            found.append(f"{seat.seat}: there are no verdicts")
        found += [
            f"{seat.seat}: {verdict.task} is {verdict.outcome}, not {expected}: {verdict.message}"
            for verdict in seat.verdicts
            if verdict.outcome is not expected
        ]
    found += [
        f"{row['seat']}: leftover {thing['kind']} {thing['id']}: {thing['reason']}"
        for row in removed
        for thing in row["leftovers"]
    ]
    found += [f"{row['seat']}: {row['detail']}" for row in removed if row["state"] != "absent"]
    missing = set(by_id) - {seat.seat for seat in grades.seats}
    return found + [f"{seat}: there is no grade" for seat in sorted(missing)]


def require_state(rows: Collection[Row], *states: str) -> None:
    """Raise ``CloudError`` for the first seat that isn't in one of ``states``."""
    for row in rows:
        if row["state"] not in states:
            raise CloudError(
                f"{row['seat']} is {row['state']}: {row['detail']}",
                "Rerun the command with --debug.",
            )
