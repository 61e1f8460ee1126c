"""Collecting and judging: the steps behind ``grade``, ``check`` and the demo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from labkit.aws import Account
from labkit.cli.common.work import Work
from labkit.deploy.lab import DeployedLab
from labkit.errors import CloudError, LabkitError
from labkit.evidence.activity import fetch as fetch_activity
from labkit.evidence.calls import RefusedError
from labkit.evidence.collect import Case, collect_until
from labkit.evidence.snapshot import Snapshot, save
from labkit.evidence.window import MARGIN, Window
from labkit.fleet import Done, over
from labkit.grading.session import grade as judge
from labkit.grading.session import ungraded
from labkit.model import Activity, EvidenceBundle, Grades, Lab, Seat
from labkit.names import role
from labkit.scenario import find_scenario, threat_addresses
from labkit.simulate import ledger
from labkit.submissions import read_answers, read_hints
from labkit.workshop import parse_span


def collect_class(
    work: Work, *, wait: timedelta = timedelta(), quiet: bool = False, activity: bool = False
) -> list[Done[Seat, EvidenceBundle]]:
    """What the logs and the attendees of each seat say, by the seat's grader role.

    Waits up to ``wait`` for evidence that is late; ``activity``: also what the attendees did.
    """
    deadline = work.now() + wait
    with work.progress("collect", quiet=quiet) as progress:

        def one(seat: Seat) -> EvidenceBundle:
            progress.tell(seat.id, "collecting")
            account = work.cloud.account(seat.account)
            deployed = work.deployed(seat)
            grader = account.assume(
                deployed.lab.grader_role_arn, "labkit-grader", sleep=work.interrupt.sleep
            )
            case = _case(work, seat, grader, deployed)
            evidence = collect_until(case, deadline)
            acts = _activity(case) if activity else None
            progress.tell(seat.id, "done")
            return EvidenceBundle(
                evidence,
                read_answers(grader, work.workshop, seat.id),
                read_hints(grader, work.workshop, seat.id),
                acts,
            )

        return over(work.seats, one, interrupt=work.interrupt)


def judge_class(work: Work, bundles: Sequence[EvidenceBundle]) -> Grades:
    """The verdicts on what was collected, as of when it was: graded again, they are the same."""
    scenario = find_scenario(work.workshop.scenario)
    return judge(
        scenario.checks_folder,
        bundles,
        workshop=work.workshop.name,
        scenario=scenario.name,
        now=max((d.evidence.collected_at for d in bundles), default=work.now()),
    )


def grade_class(
    work: Work,
    *,
    wait: str | None = None,
    keep: Path | None = None,
    quiet: bool = False,
    activity: bool = False,
) -> Grades:
    """Collect, keep if asked to, and judge; a seat that could not be collected has errors as verdicts."""
    patience = parse_span(wait, "--wait") if wait else timedelta()
    done = collect_class(work, wait=patience, quiet=quiet, activity=activity)
    bundles, failed = collected(done)
    if keep is not None:
        for bundle in bundles:
            save(Snapshot(work.workshop.name, work.workshop.scenario, bundle), keep)
    grades = judge_class(work, bundles)
    folder = find_scenario(work.workshop.scenario).checks_folder
    known = {graded.seat: graded for graded in grades.seats} | {
        seat.id: ungraded(folder, seat.id, work.account_of(seat), error) for seat, error in failed
    }
    return replace(grades, seats=tuple(known[seat.id] for seat in work.seats))


def _activity(case: Case) -> tuple[Activity, ...]:
    """What the attendee did since the first run began, as far as the trail has delivered it."""
    if not case.runs:
        return ()
    window = Window(min(run.started_at for run in case.runs) - MARGIN, case.now())
    lab = case.lab
    try:
        return fetch_activity(
            case.client("s3"), lab.trail_bucket, case.account, case.region, lab.attendee_role_arn, window
        )  # fmt: skip
    except RefusedError as error:
        if error.missing:  # no trail, no records: what is told of the trail itself says so
            return ()
        raise CloudError(
            f"What the attendee did cannot be read: {error.explain()}.", "Grade without --activity."
        ) from error


def _case(work: Work, seat: Seat, grader: Account, deployed: DeployedLab) -> Case:
    lab: Lab = deployed.lab
    return Case(
        client=grader.client,
        seat=seat.id,
        account=grader.id,
        region=grader.region,
        lab=lab,
        runs=tuple(entry.as_run() for entry in ledger.read(grader, work.workshop, seat.id)),
        threat_addresses=threat_addresses(work.workshop),
        marks=find_scenario(work.workshop.scenario).marks_in(work.workshop),
        server_role=role(work.workshop, seat.id, "server"),
        now=work.now,
        sleep=work.interrupt.sleep,
    )


def collected(
    done: Sequence[Done[Seat, EvidenceBundle]],
) -> tuple[list[EvidenceBundle], list[tuple[Seat, LabkitError]]]:
    """The bundles there are, and the seats of which there is none."""
    bundles = [outcome.result for outcome in done if outcome.result is not None]
    failed = [
        (outcome.item, outcome.error or CloudError("unknown", "Run again with --debug."))
        for outcome in done
        if outcome.result is None
    ]
    return bundles, failed
