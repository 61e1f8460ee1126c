"""Judging a class from its snapshots: 1,000 seats with 6 tasks and 20,000 flow lines each, at most 60 s and 1 GB.

    python -m tests.bench.bench_judging [SEATS]

Runs ``labkit grade --evidence`` as a process and measures its peak memory. Then compares it with one pytest process
per seat, on 20 seats of the same kind (goal: at least 30 times as fast), and a class of 300 with ten saboteurs with the same
class without them (goal: at most 1.2 times as long). A third of the seats answers right, a third
wrong (each in its own way, so that every wrong answer is tried on every other seat), and a third not at all.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from labkit.evidence import flows, trail
from labkit.evidence.snapshot import Snapshot, save
from labkit.grading import samples
from labkit.model import Answer, ApiEvent, Evidence, EvidenceBundle, Submission

SEATS = 1_000
SIDE_BY_SIDE = 20
FLOW_LINES = 20_000
CLASS, SABOTEURS = 300, 10
_RUNS = 3
_ROOT = Path(__file__).parents[2]
_CHECKS = _ROOT / "checks" / "malicious_callout"
_RIGHT = {
    "instance": ("i-0a1b2c3d4e5f60718",),
    "command": ("curl -s -m 5 -o /dev/null http://198.51.100.77/k3v9q2x7m1zp",),
    "callout_address": ("198.51.100.77",),
    "operator_address": ("192.0.2.45",),
    "api_events": ("RunInstances", "StopInstances"),
    "trail_query": ("nadia-release-417", "192.0.2.45"),
}


def answers(number: int) -> tuple[Answer, ...]:
    """A right answer, an answer that's wrong in this seat's own way, or none."""
    if number % 3 == 2:
        return ()
    given = _RIGHT if number % 3 == 0 else wrong(number)
    return tuple(Answer(task, values) for task, values in given.items())


def wrong(number: int) -> dict[str, tuple[str, ...]]:
    """Near misses, as they would come from another lab."""
    return {
        "instance": (f"i-{number:017x}",),
        "command": (f"curl -s -m 5 -o /dev/null http://198.51.100.77/{number:012x}",),
        "callout_address": ("203.0.113.123",),
        "operator_address": ("192.0.2.201",),
        "api_events": ("RunInstances", "TerminateInstances"),
        "trail_query": (f"someone-{number}", "192.0.2.46"),
    }


def hostile(number: int) -> tuple[Answer, ...]:
    """Answers that are made to take long: deep documents, long words, and ten replaced answers for each task."""
    texts = {
        "instance": "i-" * 2000,
        "command": "$'" + "\\x" * 2000,
        "callout_address": "1." * 2000,
        "operator_address": "[" * 4000,
        "api_events": "a-" * 2000,
        "trail_query": '{"a":' * 800,
    }
    return tuple(
        Answer(
            task,
            (f"{text}{number}",),
            attempts=11,
            earlier=tuple(Submission((f"{text}{n}",), n) for n in range(1, 11)),
        )
        for task, text in texts.items()
    )


def long_queries(count: int) -> Iterator[ApiEvent]:
    """An attendee's own queries, with the longest text that Athena takes (262,144 bytes)."""
    for number in range(count):
        yield trail.parse(
            {
                "eventID": f"own-{number}",
                "eventName": "StartQueryExecution",
                "eventSource": "athena.amazonaws.com",
                "eventTime": "2026-03-02T09:20:00Z",
                "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/r/ada"},
                "requestParameters": {"queryString": "select " + "x" * 250_000},
            }
        )


def lines(evidence: Evidence, seed: int) -> Iterator[str]:
    """An hour of traffic around the incident: web requests, scanners, time servers, and a health check."""
    rng = random.Random(seed)  # noqa: S311 - traffic, no secrets
    start = int(evidence.runs[0].started_at.timestamp()) - 600
    servers = evidence.instances
    for _ in range(FLOW_LINES - len(evidence.flows)):
        server = servers[rng.randrange(len(servers))]
        near, far = server.private_address, f"{rng.randrange(1, 223)}.{rng.randrange(256)}.7.9"
        port, action = rng.choice(((443, "ACCEPT"), (80, "ACCEPT"), (22, "REJECT"), (23, "REJECT")))
        ends = f"{far} {near} {rng.randrange(1024, 65536)} {port}"
        begin = start + rng.randrange(60) * 10
        size = f"6 {rng.randrange(1, 90)} {rng.randrange(40, 90_000)}"
        yield f"2 - {server.interface_id} {ends} {size} {begin} {begin + 59} {action} OK"


def make(folder: Path, seats: int, saboteurs: int = 0) -> None:
    """Snapshots of a class, and its workshop file. The first seats can be saboteurs."""
    sample = samples.evidence(_CHECKS / "samples" / "one_run")
    traffic = [tuple(flows.parse(lines(sample, seed))) for seed in range(4)]
    folder.mkdir()
    for number in range(seats):
        noise = traffic[number % len(traffic)]
        evidence = replace(
            sample, seat=f"seat-{number}", flows=(*noise[:9000], *sample.flows, *noise[9000:])
        )
        given = answers(number)
        if number < saboteurs:
            evidence = replace(evidence, trail=(*evidence.trail, *long_queries(60)))
            given = hostile(number)
        snapshot = Snapshot("bench", "malicious_callout", EvidenceBundle(evidence, given))
        save(snapshot, folder / "evidence")
    seat_lines = "".join(f'[[seat]]\nid = "seat-{number}"\n' for number in range(seats))
    head = '[workshop]\nname = "bench"\nscenario = "malicious_callout"\nregion = "eu-west-1"\nttl = "8h"\n'
    (folder / "workshop.toml").write_text(head + seat_lines, encoding="utf-8")


def grade(folder: Path) -> float:
    """Wall seconds of ``labkit grade`` on a class."""
    command = [
        sys.executable, "-m", "labkit", "grade", "--json", "--evidence", str(folder / "evidence"),
        "-w", str(folder / "workshop.toml"),
    ]  # fmt: skip
    return _seconds(command)


def one_process_for_each(folder: Path) -> float:
    """Wall seconds of a pytest process for each seat, with the same plug-in and checks."""
    total = 0.0
    for path in sorted((folder / "evidence").iterdir()):
        alone = folder / "alone" / path.name.partition(".")[0]
        alone.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, alone)
        command = [
            sys.executable, "-m", "pytest", str(_CHECKS), "-q", "-n0", "-p", "labkit.grading.plugin",
            "-p", "no:cacheprovider", "--labkit-evidence", str(alone),
        ]  # fmt: skip
        total += _seconds(command)
    return total


def _seconds(command: list[str]) -> float:
    """Run a process that may find wrong answers (exit code 1) but must not fail."""
    began = time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True, cwd=_ROOT, env=os.environ)
    seconds = time.perf_counter() - began
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr.decode())
    return seconds


def main(seats: int = SEATS) -> None:
    """Print the seconds and memory for the class, and the ratio for 20 seats."""
    with tempfile.TemporaryDirectory() as scratch:
        few, many = Path(scratch) / "few", Path(scratch) / "many"
        make(few, SIDE_BY_SIDE)
        pairs = [(one_process_for_each(few), grade(few)) for _ in range(_RUNS)]
        alone, together = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(a / b for a, b in pairs)
        print(f"{SIDE_BY_SIDE} seats, one pytest process each {alone:7.2f} s")
        print(
            f"{SIDE_BY_SIDE} seats, labkit grade            {together:7.2f} s  ({ratio:.1f} times as fast)"
        )
        disturbed = Path(scratch) / "disturbed"
        make(disturbed, CLASS, SABOTEURS)
        with_saboteurs = grade(disturbed)
        shutil.rmtree(disturbed)
        make(disturbed, CLASS)
        without = grade(disturbed)
        ratio = with_saboteurs / without
        print(
            f"{CLASS} seats, {SABOTEURS} of them saboteurs   {with_saboteurs:7.2f} s  ({ratio:.2f} times as long; goal 1.2)"
        )
        make(many, seats)
        seconds = grade(many)
    # ru_maxrss is in kilobytes on Linux (getrusage(2)); the largest of all child processes.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{seats} seats, labkit grade          {seconds:7.2f} s  ({1000 * seconds / seats:.1f} ms each)"
    )
    print(f"peak memory                      {peak:7.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SEATS)
