"""Collect the evidence and the answers of a class."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from labkit.aws import Account
from labkit.concurrent import Result, map_seats
from labkit.errors import CloudError, LabkitError
from labkit.evidence.activity import fetch as fetch_activity
from labkit.evidence.calls import AwsCallError
from labkit.evidence.collect import Case, collect_until
from labkit.evidence.window import MARGIN, Window
from labkit.grading.checks import load
from labkit.model import Activity, Evidence, EvidenceBundle, Lab, Run, Seat
from labkit.scenario import find_scenario
from labkit.simulate import ledger
from labkit.submissions import read_answers, read_hints
from labkit.workflow.evidence_case import evidence_case, runs_of
from labkit.workflow.operations import Operations


def collect_class(
    operations: Operations, *, wait: timedelta = timedelta(), activity: bool = False
) -> list[Result[Seat, EvidenceBundle]]:
    """Collect the evidence and the answers of each seat with the seat's grader role.

    Waits up to ``wait`` for late evidence. ``activity`` adds what the attendees did.
    """
    deadline = operations.now() + wait
    workshop = operations.workshop
    tasks = [file.name for file in load(find_scenario(workshop.scenario).checks_folder)]
    with operations.progress("collect", operations.seat_ids) as tell:

        def collect(seat: Seat) -> EvidenceBundle:
            tell(seat.id, "collecting")
            lab = operations.deployed(seat).lab
            grader = _grader(operations, seat, lab)
            case, evidence = _collect(operations, seat.id, lab, grader, deadline)
            acts = _activity(case) if activity else None
            tell(seat.id, "done")
            return EvidenceBundle(
                evidence,
                read_answers(grader, workshop, seat.id, tasks),
                read_hints(grader, workshop, seat.id, tasks),
                acts,
            )

        return map_seats(operations.seats, collect, interrupt=operations.interrupt)


def _collect(
    operations: Operations, seat: str, lab: Lab, grader: Account, deadline: datetime
) -> tuple[Case, Evidence]:
    """Collect a seat's evidence about the runs in its event history, as ``labkit check`` does.

    While the history shows none, the runs in the ledger say what to wait for.
    """
    workshop, sleep = operations.workshop, operations.interrupt.sleep
    seen = _seen_runs(grader, lab)
    recorded = tuple(entry.as_run() for entry in ledger.runs(grader, workshop, seat))
    case = evidence_case(grader, workshop, seat, lab, seen or recorded, sleep)
    evidence = collect_until(case, deadline)
    if not seen and (seen := _seen_runs(grader, lab)):
        case = evidence_case(grader, workshop, seat, lab, seen, sleep)
        evidence = collect_until(case, deadline)
    return case, evidence


def _seen_runs(grader: Account, lab: Lab) -> tuple[Run, ...]:
    try:
        return runs_of(grader, lab, grader.cloud_time.now())
    except (
        CloudError
    ):  # Collecting the event history fails in the same way, and its report says why.
        return ()


def split_results(
    results: Sequence[Result[Seat, EvidenceBundle]],
) -> tuple[list[EvidenceBundle], list[tuple[Seat, LabkitError]]]:
    """Split results into the collected bundles, and the seats that failed with their errors."""
    bundles = [result.value for result in results if result.value is not None]
    failed = [
        (result.item, result.error or CloudError("unknown", "Rerun the command with --debug."))
        for result in results
        if result.value is None
    ]
    return bundles, failed


def _grader(operations: Operations, seat: Seat, lab: Lab) -> Account:
    account = operations.cloud.account(seat.account)
    sleep = operations.interrupt.sleep
    return account.assume(lab.grader_role_arn, "labkit-grader", sleep=sleep)


def _activity(case: Case) -> tuple[Activity, ...]:
    """Return what the attendee has done since the first run began, as far as the trail has delivered it."""
    if not case.runs:
        return ()
    window = Window(min(run.started_at for run in case.runs) - MARGIN, case.clock.now())
    lab, client = case.lab, case.client("s3")
    try:
        return fetch_activity(
            client, lab.trail_bucket, case.account, case.region, lab.attendee_role_arn, window
        )
    except AwsCallError as error:
        if error.missing:  # The trail is gone, and its own report says so.
            return ()
        raise CloudError(
            f"Can't read what the attendee did: {error.explain()}.",
            "Grade without --activity.",
        ) from error
