"""Run the tests of the module that a mutation changed; ``make mutants`` runs it for every mutant.

    python -m tests.mutant_tests

Running every test for every mutant would take weeks. The fast tests come first, because most mutants fail in them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_UNIT = "tests/unit"
_CHECKS = ("tests/contract/test_answer_forms.py", "tests/contract/test_checks.py")
# Slow tests that judge thousands of answers; others fail sooner for the same reasons.
_LONG = "not no_answer_of_any_kind and not tells_or_implies and not never_held_against and not nothing_like_it"
_GRADING = {
    "answers": ("answers", "exercise"),
    "checks": ("tasks",),
    "command_log": ("shell_words",),
    "copying": ("redaction", "session", "process"),
    "messages": ("process",),
    "normalize": ("answers",),
    "outcomes": ("judge",),
    "pasted": ("answers", "tasks"),
    "plugin": ("session",),
    "process": ("process",),
    "programs": ("shell_words",),
    "readiness": ("judge",),
    "redaction": ("redaction", "judge"),
    "samples": ("tasks",),
    "session": ("session", "process"),
    "time_limit": ("judge",),
    "timeline": ("tasks",),
    "trail_answers": ("answers", "tasks"),
    "types": ("answers", "tasks"),
    "worker": ("process", "session"),
}
_EVIDENCE = {
    "activity": ("test_evidence_activity",),
    "addresses": ("test_flow_logs", "test_evidence_records"),
    "commands": ("test_commands",),
    "flow_log_lines": ("test_flow_logs",),
    "flows": ("test_flow_logs",),
    "runs": ("test_evidence_runs",),
    "snapshot": ("test_evidence_snapshot",),
    "window": ("test_evidence_window", "test_evidence_collect"),
}


def tests_of(path: Path) -> list[str]:
    """Return the test files for a module, the fastest ones first."""
    folder, name = path.parent.name, path.stem
    if path.parts[0] == "checks":
        return [f"tests/contract/test_checks_{folder}.py", *_CHECKS]
    if folder == "grading":
        units = [f"{_UNIT}/test_grading_{part}.py" for part in _GRADING.get(name, (name,))]
    else:
        parts = _EVIDENCE.get(name, ("test_evidence_collect", "test_evidence_records"))
        units = [f"{_UNIT}/{part}.py" for part in parts]
    contract = (
        "tests/contract/test_checks_malicious_callout.py",
        "tests/contract/test_checks_credential_exfiltration.py",
    )
    found = [*units, *contract, *_CHECKS]
    return [one for one in found if (ROOT / one).exists()]


def main() -> int:
    """Exit 0 if the tests pass, which means that the mutant survives."""
    changed = subprocess.run(
        ["git", "diff", "--name-only", "--", "checks", "labkit"],  # noqa: S607
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    tests = list(dict.fromkeys(test for one in changed for test in tests_of(Path(one))))
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider"]
    return subprocess.call([*command, "-k", _LONG, *(tests or [_UNIT])], cwd=ROOT)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
