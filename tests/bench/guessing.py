"""What guessing is worth: the table in ``docs/guessing.md``.

    python -m tests.bench.guessing > docs/guessing.md

A guesser knows labkit's code, the workshop's file, and the IDs of their servers, and reads no log. They hand in one answer
after another and read each verdict. Where the space of answers is too large to search, the table shows its size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

from labkit.grading import checks, samples
from labkit.grading.judge import judge
from labkit.grading.tasks import Task
from labkit.model import Answer, Evidence, EvidenceBundle, Outcome, Verdict
from labkit.scenario import Call, Choice, find_scenario
from labkit.simulate import randomize

CHECKS = Path(__file__).parents[2] / "checks"
SECONDS = 10
"""How long handing in an answer and checking it takes."""
_MOST = 5000
_LETTERS = 36
_TOKEN = 12
# Calls that change a server, the likeliest ones first.
_CHANGES = (
    "RunInstances", "StopInstances", "StartInstances", "TerminateInstances", "RebootInstances", "ModifyInstanceAttribute",
    "SendSSHPublicKey", "AuthorizeSecurityGroupIngress", "CreateTags", "AssociateIamInstanceProfile",
)  # fmt: skip
_SESSIONS = len(randomize._FIRST_NAMES) * len(randomize._JOBS) * 900
_SPACES = {
    "command": _LETTERS**_TOKEN,
    "operator_address": 2**32,
    "outside_address": 2**32,
    "trail_query": _SESSIONS * 2**32,
    "access_key": _LETTERS**16,
    "object_read": 16**12,
}
"""How many answers are possible."""
Try = Callable[[Sequence[str]], Verdict]


def rows() -> Iterator[tuple[str, str, float, str, str]]:
    """Yield scenario, task, points, tries, and time."""
    for scenario in ("malicious_callout", "credential_exfiltration"):
        evidence = samples.evidence(CHECKS / scenario / "samples" / "one_run")
        for file in checks.load(CHECKS / scenario):
            task = file.content
            if not isinstance(task, Task):
                raise TypeError(file.path)
            tries = _tries(scenario, file, evidence)
            if tries <= _MOST:
                needed, time = f"{tries}", _time(tries)
            else:
                needed, time = f"about 10^{math.floor(math.log10(tries))}", "out of reach"
            yield scenario, task.name, task.points, needed, time


def _tries(scenario: str, file: checks.TaskFile, evidence: Evidence) -> int:
    """Return how many answers a guesser needs at most, or half the number of possible answers."""

    def attempt(values: Sequence[str]) -> Verdict:
        verdict = judge(file, EvidenceBundle(evidence, (Answer(file.name, tuple(values)),)))
        if verdict is None:
            raise RuntimeError(file.name)
        return verdict

    sets = (c for size in range(1, 4) for c in combinations(_CHANGES, size))
    searches: dict[str, Callable[[], int]] = {
        "instance": lambda: _search(attempt, ([s.instance_id] for s in evidence.instances)),
        "callout_address": lambda: _search(attempt, ([a] for a in evidence.threat_addresses)),
        "api_events": lambda: _search(attempt, sets),
        "denied_calls": lambda: _one_by_one(attempt, _possible_refusals(scenario)),
    }
    return searches[file.name]() if file.name in searches else _SPACES[file.name] // 2


def _possible_refusals(scenario: str) -> list[str]:
    parts = find_scenario(scenario).outside
    choices = [part for part in parts if isinstance(part, Choice)]
    return [call.operation for choice in choices for call in choice.calls if isinstance(call, Call)]


def _search(attempt: Try, candidates: Iterable[Sequence[str]]) -> int:
    """Try one candidate after another, and return how many it takes if the right one comes last."""
    tries = list(candidates)
    number = next(n for n, one in enumerate(tries, 1) if attempt(one).outcome is Outcome.PASSED)
    return len(tries) if len(tries) <= len(_CHANGES) else number


def _one_by_one(attempt: Try, names: list[str]) -> int:
    """Hand in each name by itself, and then all those for which the verdict says that only others are missing."""
    kept = [name for name in names if "but also others" in attempt([name]).message]
    if attempt(kept).outcome is not Outcome.PASSED:
        raise RuntimeError(kept)
    return len(names) + 1


def _time(tries: int) -> str:
    seconds = tries * SECONDS
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


def main() -> None:
    """Print the page."""
    print("# What guessing is worth\n")
    print(
        "Someone who reads no log, but knows labkit's code, the workshop's file, and the IDs of their servers, needs this many\n"
        f"answers for a task where `labkit check` judges each of them, at {SECONDS} seconds each. `python -m tests.bench.guessing` computes\n"
        "the table from the checks and their samples (three addresses on the threat list, two servers).\n"
    )
    print("| scenario | task | points | tries | time |\n|---|---|---|---|---|")
    found = list(rows())
    for scenario, task, points, tries, time in found:
        print(f"| {scenario} | `{task}` | {points:g} | {tries} | {time} |")
    print()
    for scenario in dict.fromkeys(row[0] for row in found):
        cheap = sum(row[2] for row in found if row[0] == scenario and row[4] != "out of reach")
        print(f"- `{scenario}`: {cheap:g} of 13 points can be guessed.")
    print(
        "\nAn address that the whole room shares, such as that of the venue's network, can be known without reading a log. If the instructor\n"
        "simulates from the same network, that's the answer to `operator_address` or `outside_address`.\n"
        'Where only the grader judges (`access.check = "grader"`), a guesser has no verdicts to learn from, and gets only what a first\n'
        "guess is worth."
    )


if __name__ == "__main__":
    main()
