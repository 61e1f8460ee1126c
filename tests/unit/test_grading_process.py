"""Judging in a process of its own: checks that hang, end the process, or catch everything, and answers made to be slow."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from labkit.errors import GraderError, LabkitError, UsageError
from labkit.evidence import trail
from labkit.grading import samples, session
from labkit.grading.copying import _identifiers
from labkit.grading.messages import GradedSeat, JudgeSeat, Started
from labkit.grading.process import JudgingProcess, Lost
from labkit.grading.session import grade
from labkit.model import Answer, ApiEvent, Evidence, EvidenceBundle, Grades, Outcome

CHECKS = Path(__file__).resolve().parents[2] / "checks" / "malicious_callout"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
COMMAND = "curl -s -m 5 -o /dev/null http://198.51.100.77/k3v9q2x7m1zp"
HEAD = '''
from labkit import Evidence, Source, Text, Wrong, task

@task(points=2, needs=(Source.COMMANDS,), unique=True, order={order})
def {name}(answer: Text, evidence: Evidence) -> None:
    """What?"""
'''


def evidence(seat: str = "ada") -> Evidence:
    return replace(samples.evidence(CHECKS / "samples" / "one_run"), seat=seat)


def write(folder: Path, **bodies: str) -> None:
    for order, (name, body) in enumerate(bodies.items()):
        text = HEAD.format(name=name, order=order) + body
        (folder / f"check_{name}.py").write_text(text)


def graded(folder: Path, *bundles: EvidenceBundle, limit: float = 0.5) -> Grades:
    return grade(folder, bundles, workshop="class", scenario="x", now=NOW, limit=limit)


def bundle(seat: str, **answers: str) -> EvidenceBundle:
    return EvidenceBundle(evidence(seat), tuple(Answer(t, (v,), 3) for t, v in answers.items()))


SWALLOWS = """
    while answer == 'slow':
        try:
            while True:
                pass
        except BaseException:
            pass
    if answer != evidence.seat:
        raise Wrong('No.')
"""
RIGHT = "    if answer != evidence.seat: raise Wrong('No.')\n"


def test_a_check_that_catches_everything_and_never_ends_is_an_error_for_that_task(
    tmp_path: Path,
) -> None:
    write(tmp_path, a=RIGHT, b=SWALLOWS, c=RIGHT)
    one = bundle("ada", a="ada", b="slow", c="ada")
    other = bundle("ben", a="x", b="ben", c="ben")

    grades = graded(tmp_path, one, other)

    outcomes = [[v.outcome for v in seat.verdicts] for seat in grades.seats]
    assert outcomes == [
        [Outcome.PASSED, Outcome.ERROR, Outcome.PASSED],
        [Outcome.WRONG, Outcome.PASSED, Outcome.PASSED],
    ]
    lost = grades.seats[0].verdicts[1]
    assert lost.message.startswith("Could not be judged: the check check_b.py failed (no result")
    assert (lost.attempts, lost.max_points, lost.points) == (3, 2, 0)


@pytest.mark.parametrize(
    "body",
    [
        "    import os; os._exit(0)",
        "    import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
def test_a_check_that_ends_the_process_is_an_error_for_that_task(tmp_path: Path, body: str) -> None:
    write(tmp_path, a=body, b=RIGHT)

    (seat,) = graded(tmp_path, bundle("ada", a="ada", b="ada")).seats

    assert [v.outcome for v in seat.verdicts] == [Outcome.ERROR, Outcome.PASSED]
    assert "it ended the process that judges" in seat.verdicts[0].message


def test_a_check_cannot_read_or_write_the_messages(tmp_path: Path) -> None:
    body = "    import os; os.write(1, b'x' * 99); os.write(2, b'x'); assert os.read(0, 9) == b''\n"
    write(tmp_path, a=body + RIGHT)

    (seat,) = graded(tmp_path, bundle("ada", a="ada")).seats

    assert [v.outcome for v in seat.verdicts] == [Outcome.PASSED]


def test_a_check_that_always_hangs_does_not_hang_for_every_seat(tmp_path: Path) -> None:
    write(tmp_path, a="    while True: pass\n", b=RIGHT)
    began = time.monotonic()

    grades = graded(tmp_path, *(bundle(f"s{n}", a="x", b=f"s{n}") for n in range(20)))

    assert time.monotonic() - began < 10
    for seat in grades.seats:
        assert [v.outcome for v in seat.verdicts] == [Outcome.ERROR, Outcome.PASSED]


def test_a_seat_over_its_budget_is_not_judged_and_the_class_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "SEAT_BUDGET_SECONDS", 0.7)
    slow = "    if answer == 'slow': __import__('time').sleep(0.4)\n"
    write(tmp_path, a=slow, b=slow, c=slow, d=slow)
    one = bundle("ada", a="slow", b="slow", c="slow", d="slow")

    ada, ben = graded(tmp_path, one, bundle("ben", a="x", b="x", c="x", d="x"), limit=5).seats

    assert ada.verdicts[0].outcome is Outcome.PASSED
    assert [v.outcome for v in ada.verdicts][2:] == [Outcome.ERROR, Outcome.ERROR]
    assert ada.verdicts[3].message.startswith("Could not be judged:")
    assert {v.outcome for v in ben.verdicts} == {Outcome.PASSED}


def test_a_folder_whose_checks_do_not_load_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no checks"):
        graded(tmp_path, bundle("ada"))
    with JudgingProcess(tmp_path) as process, pytest.raises(GraderError, match="doesn't start"):
        list(process.ask(JudgeSeat(GradedSeat("ada", bundle("ada")), ()), 1, 1))


def test_the_process_is_gone_afterward(tmp_path: Path) -> None:
    write(tmp_path, a=SWALLOWS)
    request = JudgeSeat(GradedSeat("ada", bundle("ada", a="slow")), ("a",))
    with JudgingProcess(tmp_path) as process:
        replies = process.ask(request, 0.3, 5)
        next(replies)
        assert isinstance(next(replies), Started)
        running = process._process
        with pytest.raises(Lost, match=r"no result after 0\.3 s"):
            next(replies)
        assert running is not None
        assert running.poll() is not None


def test_errors_keep_both_texts_between_processes() -> None:
    import pickle  # noqa: PLC0415

    for kind in (LabkitError, UsageError, GraderError):
        error = pickle.loads(pickle.dumps(kind("Fact.", "Hint.")))  # noqa: S301
        assert (type(error), error.message, error.hint) == (kind, "Fact.", "Hint.")


def own_calls(number: int, query: str) -> Iterator[ApiEvent]:
    """Calls by an attendee with long parameters, as they'd be in the trail."""
    for place in range(number):
        yield trail.parse(
            {
                "eventID": f"own-{place}",
                "eventName": "StartQueryExecution",
                "eventSource": "athena.amazonaws.com",
                "eventTime": f"{NOW - timedelta(hours=2, minutes=45):%Y-%m-%dT%H:%M:%SZ}",
                "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/r/ada"},
                "requestParameters": {"queryString": query},
                "sourceIPAddress": "192.0.2.9",
            }
        )


@pytest.mark.parametrize("word", ["a", "a.", "-", "_", "a1", "é"])
def test_the_identifiers_of_a_long_text_take_linear_time(word: str) -> None:
    def seconds(length: int) -> float:
        text = word * length
        began = time.perf_counter()
        for _ in range(3):
            _identifiers(text)
        return time.perf_counter() - began

    seconds(1000)
    assert seconds(400_000) < 100 * max(seconds(20_000), 0.005)


def test_what_an_attendee_stores_or_queries_does_not_slow_the_class_down() -> None:
    """Long queries in the trail, deep JSON, and many words as answers."""
    words = "select " + " ".join("x" * 250_000 for _ in range(1))
    hostile = replace(evidence("mallory"), trail=(*evidence().trail, *own_calls(60, words)))
    deep = '{"a":' * 1600
    strange = tuple(
        Answer(task, (text,))
        for task, text in {
            "command": "$'" + "\\x" * 4000,
            "instance": "i-" * 4000,
            "callout_address": "1." * 4000,
            "operator_address": "[" * 4000 + json.dumps([deep]),
            "api_events": "a-" * 4000,
            "trail_query": deep + '{""' * 500 + "}" * 500,
        }.items()
    )  # fmt: skip
    others = [
        EvidenceBundle(evidence(f"s{n}"), (Answer("command", (f"{COMMAND}{n}",)),))
        for n in range(5)
    ]
    began = time.monotonic()

    grades = grade(
        CHECKS, [EvidenceBundle(hostile, strange), *others], workshop="w", scenario="x", now=NOW
    )

    assert time.monotonic() - began < 5
    assert {v.outcome for v in grades.seats[0].verdicts} == {Outcome.WRONG}


def test_a_long_answer_is_not_tried_on_every_seat(tmp_path: Path) -> None:
    log = "    import pathlib, sys; pathlib.Path(sys.argv[1], 'tried').open('a').write('x')\n"
    write(tmp_path, a=log + RIGHT)
    long, short = "x y " * 400, "seat-1"
    bundles = [
        bundle("seat-0", a=long),
        bundle("seat-1", a="seat-2"),
        bundle("seat-2", a=short),
        *(bundle(f"seat-{n}") for n in range(3, 10)),
    ]

    grades = graded(tmp_path, *bundles, limit=5)

    tried = len((tmp_path / "tried").read_text())
    assert tried < 3 + 2 * len(bundles)
    assert grades.possible_copies == ()
