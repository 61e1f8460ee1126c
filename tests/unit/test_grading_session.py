"""pytest as the runner: in this process for labkit, and by hand."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labkit.errors import CloudError, LabkitError
from labkit.evidence.snapshot import Snapshot, save
from labkit.grading import samples
from labkit.grading.session import grade, grade_snapshots, ungraded
from labkit.model import Answer, Evidence, EvidenceBundle, Outcome, PossibleCopy

CHECKS = Path(__file__).resolve().parents[2] / "checks" / "malicious_callout"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
COMMAND = "curl -s -m 5 -o /dev/null http://198.51.100.77/k3v9q2x7m1zp"


def evidence(seat: str = "ada") -> Evidence:
    return replace(samples.evidence(CHECKS / "samples" / "one_run"), seat=seat)


def seats(count: int) -> list[EvidenceBundle]:
    """Seats whose answers are right, wrong, or missing, in turn."""
    answers = {
        0: (Answer("command", (COMMAND,)),),
        1: (Answer("command", ("uptime",)), Answer("operator_address", ("192.0.2.201",))),
        2: (),
    }
    return [EvidenceBundle(evidence(f"seat-{n}"), answers[n % 3]) for n in range(count)]


def test_a_class_is_one_session_and_every_seat_has_its_own_verdicts() -> None:
    grades = grade(CHECKS, seats(6), workshop="class", scenario="malicious_callout", now=NOW)

    assert [seat.seat for seat in grades.seats] == [f"seat-{n}" for n in range(6)]
    outcomes = [
        {v.task: v.outcome for v in seat.verdicts if v.outcome is not Outcome.UNANSWERED}
        for seat in grades.seats
    ]
    assert (
        outcomes
        == [
            {"command": Outcome.PASSED},
            {"command": Outcome.WRONG, "operator_address": Outcome.WRONG},
            {},
        ]
        * 2
    )
    assert grades.graded_at == NOW


def test_a_class_of_nobody_has_no_grades() -> None:
    assert grade(CHECKS, [], workshop="class", scenario="x", now=NOW).seats == ()


def test_options_for_someones_tests_do_not_change_a_grade(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-n 2 --nothing-like-it")

    grades = grade(CHECKS, seats(1), workshop="class", scenario="x", now=NOW)

    assert grades.seats[0].verdicts[1].outcome is Outcome.PASSED
    assert os.environ["PYTEST_ADDOPTS"] == "-n 2 --nothing-like-it"
    assert capfd.readouterr() == ("", "")


def test_a_broken_check_is_an_error_for_everybody_and_the_others_are_judged(tmp_path: Path) -> None:
    for path in CHECKS.glob("*.py"):
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "check_instance.py").write_text("import nothing_like_it\n")
    answers = (Answer("command", (COMMAND,)), Answer("instance", ("i-0a1b2c3d4e5f60718",)))

    grades = grade(
        tmp_path, [EvidenceBundle(evidence(), answers)], workshop="class", scenario="x", now=NOW
    )

    found = {verdict.task: verdict for verdict in grades.seats[0].verdicts}
    assert found["command"].outcome is Outcome.PASSED
    assert found["instance"].outcome is Outcome.ERROR
    assert "check_instance.py failed (ModuleNotFoundError)" in found["instance"].message


def test_a_snapshot_that_cannot_be_read_is_told_and_not_left_out(tmp_path: Path) -> None:
    good = save(Snapshot("class", "x", seats(1)[0]), tmp_path)
    bad = tmp_path / "bad.json.gz"
    bad.write_bytes(b"")

    with pytest.raises(LabkitError, match="isn't a snapshot of a seat"):
        grade_snapshots(CHECKS, [good, bad], workshop="class", scenario="x", now=NOW)


def by_hand(folder: Path, *what: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable, "-m", "pytest", *what, "-p", "labkit.grading.plugin", "-rA", "-n0", "-v",
        "--labkit-evidence", str(folder), "-p", "no:cacheprovider",
    ]  # fmt: skip
    root = CHECKS.parents[1]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)  # noqa: S603 - this very Python


def test_plain_pytest_runs_the_same_checks_and_tells_no_truth(tmp_path: Path) -> None:
    for bundle in seats(3):
        save(Snapshot("class", "malicious_callout", bundle), tmp_path)

    done = by_hand(tmp_path, str(CHECKS))

    assert done.returncode == 1, done.stdout + done.stderr
    assert "PASSED checks/malicious_callout/check_command.py::command[seat-0]" in done.stdout
    assert "2 failed, 1 passed, 15 skipped" in done.stdout
    assert "That's a scanner: it tried to connect and was rejected (REJECT)." in done.stdout
    for truth in (COMMAND, "198.51.100.77", "192.0.2.45", "i-0a1b2c3d4e5f60718"):
        assert truth not in done.stdout + done.stderr


def test_plain_pytest_runs_one_check_file(tmp_path: Path) -> None:
    save(Snapshot("class", "malicious_callout", seats(1)[0]), tmp_path)

    done = by_hand(tmp_path, str(CHECKS / "check_command.py"))

    assert "1 passed" in done.stdout, done.stdout
    assert done.returncode == 0


def test_a_seat_without_evidence_is_an_error_for_every_task() -> None:
    why = CloudError("Access to the account is denied.", "Look at the role.")

    seat = ungraded(CHECKS, "ada", "210000000001", why)

    assert {verdict.outcome for verdict in seat.verdicts} == {Outcome.ERROR}
    assert len(seat.verdicts) == 6
    assert seat.verdicts[0].message.startswith("Access to the account is denied: Look at the role.")
    assert sum(verdict.max_points for verdict in seat.verdicts) == 13


def test_an_answer_of_another_seat_is_a_sign_where_answers_are_unique(tmp_path: Path) -> None:
    """Seats of one workshop, each with its own incident."""
    ada = samples.evidence(CHECKS / "samples" / "one_run")
    ben = samples.evidence(CHECKS / "samples" / "two_runs")
    copied = (
        Answer("command", (f"  {COMMAND} &",)),  # right for ada, though not in her words
        Answer("operator_address", ("192.0.2.45",)),  # right for both, and not unique
        Answer("callout_address", ("198.51.100.77",)),  # right for ada only, but not unique
    )
    bundles = [EvidenceBundle(ada), EvidenceBundle(ben, copied)]

    grades = grade(CHECKS, bundles, workshop="class", scenario="malicious_callout", now=NOW)

    assert grades.possible_copies == (PossibleCopy(ben.seat, "command", ada.seat),)
    paths = [save(Snapshot("class", "malicious_callout", bundle), tmp_path) for bundle in bundles]
    again = grade_snapshots(CHECKS, paths, workshop="class", scenario="malicious_callout", now=NOW)
    assert again == grades


def test_a_check_that_hangs_on_a_strange_answer_does_not_hold_up_the_signs(tmp_path: Path) -> None:
    (tmp_path / "check_q.py").write_text(
        "from labkit import Evidence, Source, Text, Wrong, task\n\n"
        "@task(points=1, needs=(Source.COMMANDS,), unique=True)\n"
        "def q(answer: Text, evidence: Evidence) -> None:\n"
        "    '''What?'''\n"
        "    if answer != evidence.seat:\n"
        "        while evidence.seat == 'slow': pass\n"
        "        raise Wrong('No.')\n".replace("\\\n", "\n")
    )
    bundles = [
        EvidenceBundle(evidence("slow")),
        *(EvidenceBundle(evidence(f"seat-{n}"), (Answer("q", (f"none-{n}",)),)) for n in range(30)),
    ]
    began = time.monotonic()

    grades = grade(tmp_path, bundles, workshop="class", scenario="x", now=NOW)

    assert grades.possible_copies == ()
    assert time.monotonic() - began < 5
