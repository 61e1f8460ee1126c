"""The outcomes in order, with a check of three lines and evidence of two runs."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from labkit.grading import checks
from labkit.grading.judge import judge
from labkit.model import (
    Answer,
    CommandRecord,
    Evidence,
    EvidenceBundle,
    Instance,
    Outcome,
    Run,
    Source,
    SourceReport,
    SourceState,
    Submission,
    Verdict,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
RUNS = (
    Run(1, START, START + timedelta(minutes=1), "ssh"),
    Run(2, START + HOUR, START + HOUR + timedelta(minutes=1), "ssh"),
)
SECRET = "curl http://198.51.100.7/token"
EVIDENCE = Evidence(
    seat="ada", account="1", region="eu-west-1", collected_at=START + 2 * HOUR, runs=RUNS,
    instances=(Instance("i-0123456789abcdef0", "eni-0a", "10.0.0.1", None),),
    commands=(
        CommandRecord("i-0123456789abcdef0", START, "ec2-user", 1, SECRET, 0, ""),
        CommandRecord("i-0123456789abcdef0", START + HOUR, "ec2-user", 1, "wget x/y", 0, ""),
    ),
    sources=(SourceReport(Source.COMMANDS, SourceState.DELIVERED, runs=(1, 2)),),
)  # fmt: skip
HEAD = """
from labkit import Command, Evidence, GraderError, Hint, Pending, Source, Text, Wrong, task
from labkit.evidence.window import run_windows

@task(points=2, needs=(Source.COMMANDS,), hints=(Hint("One.", cost=0.5), Hint("Two.", cost=1)))
def q(answer: Text, evidence: Evidence) -> None:
    '''Which?'''
"""
RIGHT = """
    windows = run_windows(evidence.runs)
    for record in evidence.commands:
        if any(w.contains(record.logged_at) for w in windows) and answer.same_as(record.command):
            return
    raise Wrong("Not that one.", points=0.75)
"""


def verdict(
    tmp_path: Path, body: str, typed: str = SECRET, evidence: Evidence = EVIDENCE, hints: int = 0
) -> Verdict:
    path = tmp_path / "check_q.py"
    path.write_text(HEAD + body)
    (file,) = checks.load(tmp_path)
    found = judge(file, EvidenceBundle(evidence, (Answer("q", (typed,), 3),), {"q": hints}), 0.3)
    assert found is not None
    return found


def reports(*entries: SourceReport) -> Evidence:
    return replace(EVIDENCE, sources=entries)


LATE = SourceReport(Source.COMMANDS, SourceState.LATE, "", START + 3 * HOUR, (1,))


def test_a_right_answer_has_all_points(tmp_path: Path) -> None:
    found = verdict(tmp_path, RIGHT)

    assert found == Verdict("q", Outcome.PASSED, "Right.", 2.0, 2.0, 3, 0)


def test_a_wrong_answer_has_the_points_that_the_check_gives(tmp_path: Path) -> None:
    found = verdict(tmp_path, RIGHT, "id")

    assert (found.outcome, found.message, found.points) == (Outcome.WRONG, "Not that one.", 0.75)


@pytest.mark.parametrize(("hints", "points"), [(0, 2.0), (1, 1.5), (2, 0.5), (9, 0.5)])
def test_hints_cost_points(tmp_path: Path, hints: int, points: float) -> None:
    found = verdict(tmp_path, RIGHT, hints=hints)

    assert (found.points, found.hints_used) == (points, min(hints, 2))


def test_points_are_never_below_zero_nor_above_the_tasks(tmp_path: Path) -> None:
    assert verdict(tmp_path, RIGHT, "id", hints=2).points == 0
    assert verdict(tmp_path, "    raise Wrong('No.', points=99)").points == 2


def test_an_answer_right_for_any_run_is_right(tmp_path: Path) -> None:
    assert verdict(tmp_path, RIGHT, "wget x/y").outcome is Outcome.PASSED


def test_a_passed_task_stays_passed_while_a_later_run_is_awaited(tmp_path: Path) -> None:
    assert verdict(tmp_path, RIGHT, SECRET, reports(LATE)).outcome is Outcome.PASSED


def test_an_answer_that_may_be_right_for_a_run_on_its_way_is_pending(tmp_path: Path) -> None:
    found = verdict(tmp_path, RIGHT, "wget x/y", reports(LATE))

    assert found.outcome is Outcome.PENDING
    assert found.message == (
        "Still on its way: the command log. That's normal until 12:00 UTC. Check again then."
    )


def test_evidence_that_is_overdue_says_so(tmp_path: Path) -> None:
    late = replace(LATE, runs=(), normal_until=START + HOUR)

    found = verdict(tmp_path, RIGHT, evidence=reports(late))

    assert found.outcome is Outcome.PENDING
    assert (
        "was due by 10:00 UTC, so tell your instructor. Your answer isn't the problem."
        in found.message
    )


def test_no_run_is_pending(tmp_path: Path) -> None:
    found = verdict(tmp_path, RIGHT, evidence=replace(EVIDENCE, runs=()))

    assert found.outcome is Outcome.PENDING
    assert "doesn't show an incident in your lab yet" in found.message


def test_a_denied_source_is_an_error_that_says_what_is_missing(tmp_path: Path) -> None:
    detail = "the grader lacks the permission logs:FilterLogEvents on x"
    failed = SourceReport(Source.COMMANDS, SourceState.FAILED, detail)

    found = verdict(tmp_path, RIGHT, evidence=reports(failed))

    assert found.outcome is Outcome.ERROR
    assert found.message.startswith("The grader lacks the permission logs:FilterLogEvents on x.")
    assert "answer isn't the problem" in found.message
    assert found.points == 0


def test_a_source_that_was_not_collected_is_an_error(tmp_path: Path) -> None:
    found = verdict(tmp_path, RIGHT, evidence=reports())

    assert (found.outcome, found.message.split(".")[0]) == (
        Outcome.ERROR,
        "The command log wasn't collected",
    )


def test_unanswered_comes_before_every_error(tmp_path: Path) -> None:
    failed = reports(SourceReport(Source.COMMANDS, SourceState.FAILED, "x"))

    assert verdict(tmp_path, RIGHT, " ", failed).outcome is Outcome.UNANSWERED
    assert verdict(tmp_path, "    1/0", " ").outcome is Outcome.UNANSWERED


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("    assert answer == evidence.commands[0].command", "AssertionError"),
        ("    raise KeyError(evidence.commands[0].command)", "KeyError"),
        ("    raise SystemExit(3)", "SystemExit"),
        ("    import sys; sys.exit(evidence.commands[0].command)", "SystemExit"),
        ("    q()", "TypeError"),
        ("    answer.run(evidence.commands[0].command)", "AttributeError"),
    ],
)
def test_a_bug_in_a_check_is_an_error_that_names_its_place_and_not_the_truth(
    tmp_path: Path, body: str, told: str
) -> None:
    found = verdict(tmp_path, body, "id")

    assert found.outcome is Outcome.ERROR
    assert f"check_q.py, line 8 ({told})" in found.message.replace(" failed", "")
    assert "198.51.100.7" not in found.message


@pytest.mark.parametrize(
    "body",
    [
        "    while True: pass",
        "    while True:\n        try:\n            while True: pass\n        except Exception: pass",
        "    import re; re.match('(a+)+b', 'a' * 60)",
    ],
)
def test_a_check_that_hangs_is_an_error(tmp_path: Path, body: str) -> None:
    found = verdict(tmp_path, body)

    assert found.outcome is Outcome.ERROR
    assert "no result after 0.3 s" in found.message


def test_a_check_that_hangs_is_an_error_in_any_thread(tmp_path: Path) -> None:
    found: list[Verdict] = []
    body = "    import time\n    time.sleep(3)"
    worker = threading.Thread(target=lambda: found.append(verdict(tmp_path, body)))
    worker.start()
    worker.join(2)

    assert [v.outcome for v in found] == [Outcome.ERROR]


def test_what_a_check_raises_arrives_from_any_thread(tmp_path: Path) -> None:
    found: list[Verdict] = []
    worker = threading.Thread(target=lambda: found.append(verdict(tmp_path, RIGHT, "id")))
    worker.start()
    worker.join()

    assert [v.message for v in found] == ["Not that one."]


def test_what_a_check_prints_goes_nowhere(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    body = "    import sys\n    print(evidence.commands[0].command)\n    print(1, file=sys.stderr)"

    assert verdict(tmp_path, body).outcome is Outcome.PASSED
    assert capfd.readouterr() == ("", "")


def test_a_check_may_say_that_it_has_to_wait_or_cannot_judge(tmp_path: Path) -> None:
    waits = verdict(tmp_path, "    raise Pending('Not yet.')")
    cannot = verdict(tmp_path, "    raise GraderError('There is no call', 'look at the lab')")

    assert (waits.outcome, waits.message) == (Outcome.PENDING, "Not yet.")
    assert cannot.outcome is Outcome.ERROR
    assert cannot.message.startswith("There is no call: look at the lab. ")


def test_a_check_that_tells_the_truth_is_kept_from_it(tmp_path: Path) -> None:
    body = "    c = evidence.commands[0]\n    raise Wrong(f'{c.command} on {c.instance_id}, not {answer}')"

    found = verdict(tmp_path, body, "wget x/y")

    assert found.message == "[…] on […], not wget x/y"


def test_a_check_that_cannot_say_whether_it_applies_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "check_q.py"
    path.write_text(HEAD.replace("points=2", "points=2, applies=lambda e: e.nothing") + RIGHT)
    (file,) = checks.load(tmp_path)

    found = judge(file, EvidenceBundle(EVIDENCE, (Answer("q", ("x",)),)))

    assert found is not None
    assert (found.outcome, found.max_points) == (Outcome.ERROR, 2)


def test_what_was_typed_cannot_drive_a_terminal_or_flood_it(tmp_path: Path) -> None:
    body = "    raise Wrong(f'Not {answer}')"

    found = verdict(tmp_path, body, "\x1b[2J\u202e" + "x" * 4000)

    assert found.message.startswith("Not \ufffd[2J")
    assert len(found.message) < 510
    assert found.message.replace("\n", "").isprintable()


@pytest.mark.parametrize("address", ["10.0.0.1", "198.51.100.9"])
def test_an_address_of_the_evidence_is_withheld_and_an_example_is_not(
    tmp_path: Path, address: str
) -> None:
    body = f"    raise Wrong('Not like 192.0.2.99, but {address}:22.')"
    evidence = replace(EVIDENCE, threat_addresses=("198.51.100.9",))

    found = verdict(tmp_path, body, "x", evidence)

    assert found.message == "Not like 192.0.2.99, but […]"
    assert verdict(tmp_path, body, f"[::ffff:{address}]", evidence).message.endswith(
        f"{address}:22."
    )


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("    import pytest; pytest.fail('no')", "line 8 failed (Failed)"),
        ("    import pytest; pytest.skip('no')", "line 8 failed (Skipped)"),
        ("    import pytest; pytest.exit('no')", "line 8 failed (Exit)"),
        ("    raise Wrong(None)", "line 8 failed (Wrong needs a message)"),
        ("    raise Wrong('  ')", "line 8 failed (Wrong needs a message)"),
        (
            "    raise Wrong('No.', points='1')",
            "line 8 failed (the points of Wrong must be a number from 0)",
        ),
        (
            "    raise Wrong('No.', points=float('nan'))",
            "line 8 failed (the points of Wrong must be",
        ),
        ("    raise Wrong('No.', points=-1)", "line 8 failed (the points of Wrong must be"),
        ("    raise Pending(None)", "line 8 failed (Pending needs a message)"),
        (
            "    raise GraderError(None, 'x')",
            "line 8 failed (GraderError needs a message and a hint)",
        ),
        ("    return True", "failed (it returned a value (bool); a check returns nothing)"),
        ("    return Wrong('No.')", "failed (it returned a value (Wrong)"),
        ("    raise KeyboardInterrupt", "line 8 failed (KeyboardInterrupt)"),
        ("    raise GeneratorExit", "line 8 failed (GeneratorExit)"),
        ("    raise BaseException", "line 8 failed (BaseException)"),
    ],
)
def test_a_careless_check_is_an_error_with_its_line_and_never_passes(
    tmp_path: Path, body: str, told: str
) -> None:
    found = verdict(tmp_path, body)

    assert found.outcome is Outcome.ERROR
    assert told in found.message
    assert found.points == 0


def test_an_answer_of_the_wrong_type_says_what_can_be_done(tmp_path: Path) -> None:
    """AWS can't change a parameter's type, and attendees can't delete it."""
    (tmp_path / "check_q.py").write_text(HEAD + RIGHT)
    (file,) = checks.load(tmp_path)
    for kind in ("SecureString", "StringList"):
        answer = Answer("q", (), problem=f"its type is {kind}, not String")

        found = judge(file, EvidenceBundle(EVIDENCE, (answer,)))

        assert found is not None
        assert found.outcome is Outcome.UNANSWERED
        assert "ask your instructor to delete the parameter answers/q" in found.message


def test_an_answer_that_was_right_stays_right(tmp_path: Path) -> None:
    (tmp_path / "check_q.py").write_text(HEAD + RIGHT)
    (file,) = checks.load(tmp_path)
    right = EVIDENCE.commands[0].command
    at = EVIDENCE.runs[0].finished_at
    earlier = (Submission(("x",), 1), Submission((right,), 2, at), Submission((right + " ",), 3))
    for latest in (
        Answer("q", ("wrong",), 4, earlier=earlier),
        Answer("q", (" ",), 4, earlier=earlier),
        Answer("q", (), 4, problem="its value isn't a JSON array", earlier=earlier),
    ):
        found = judge(file, EvidenceBundle(EVIDENCE, (latest,)))

        assert found is not None
        assert (found.outcome, found.message, found.points) == (Outcome.PASSED, "Right.", 2)
        assert (found.attempts, found.submitted_at) == (2, at)
    only_wrong = Answer("q", ("wrong",), 2, earlier=(Submission(("x",), 1),))
    still_wrong = judge(file, EvidenceBundle(EVIDENCE, (only_wrong,)))
    assert still_wrong is not None
    assert (still_wrong.outcome, still_wrong.attempts) == (Outcome.WRONG, 2)


def test_control_characters_below_a_line_break_are_replaced_too(tmp_path: Path) -> None:
    found = verdict(tmp_path, "    raise Wrong(f'Not {answer}')", "a\x01b\x08c\td\ne")

    assert "\ufffd" in found.message
    assert not any(c < "\n" for c in found.message)
