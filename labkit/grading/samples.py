"""Samples for checks: evidence in AWS's own formats, and answers with their expected verdicts.

``samples/<name>/`` is the evidence of one seat, in the AWS CLI's output formats, so that you can add a real incident
by copying::

    lab.toml       seat, account, region, threat_addresses and server_role (if any), [[instances]], [[runs]]
    commands.log   aws logs tail <instance>-commands-log: time, stream, line
    flows.log      lines of the flow log
    findings.json  aws guardduty get-findings
    history.json   aws cloudtrail lookup-events
    trail.json     a file of the trail

``samples/<task>.toml`` contains the cases of a task: ``[[passes]]`` and ``[[near_misses]]``, each with ``evidence``,
``answer`` (a list of values as typed), and ``why``. A near miss also has ``says``, a part of the message that no
other kind of miss gets, and ``points`` if it earns any.
"""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from labkit.evidence import commands, findings, flows, history, trail
from labkit.evidence.addresses import canonical
from labkit.evidence.calls import utc
from labkit.model import (
    ApiEvent,
    CommandRecord,
    Evidence,
    Finding,
    Instance,
    Run,
    Source,
    SourceReport,
    SourceState,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer to a task, and the expected verdict."""

    task: str
    evidence: str
    answer: tuple[str, ...]
    why: str
    passes: bool
    says: str = ""
    points: float = 0.0

    def __str__(self) -> str:
        return f"{self.task}: {self.why}"


def cases(folder: Path) -> tuple[Sample, ...]:
    """All cases in a folder of samples."""
    return tuple(case for path in sorted(folder.glob("*.toml")) for case in _cases(path))


def _cases(path: Path) -> Iterator[Sample]:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    for passes, table in ((True, "passes"), (False, "near_misses")):
        for case in document.get(table, ()):
            answer = tuple(case.pop("answer"))
            yield Sample(task=path.stem, answer=answer, passes=passes, **case)


def evidence(folder: Path) -> Evidence:
    """Read the evidence in a folder of ``samples``; every source has delivered for every run."""
    lab = tomllib.loads((folder / "lab.toml").read_text(encoding="utf-8"))
    runs = tuple(_run(run) for run in lab["runs"])
    numbers = tuple(run.number for run in runs)
    return Evidence(
        seat=lab["seat"],
        account=lab["account"],
        region=lab["region"],
        collected_at=utc(lab["collected_at"]),
        instances=tuple(
            Instance(**{"public_address": None, **server}) for server in lab["instances"]
        ),
        runs=runs,
        commands=_commands(folder / "commands.log"),
        flows=flows.parse(_lines(folder / "flows.log")),
        findings=_findings(folder / "findings.json"),
        history=_history(folder / "history.json"),
        trail=_trail(folder / "trail.json"),
        sources=tuple(SourceReport(s, SourceState.DELIVERED, runs=numbers) for s in Source),
        threat_addresses=tuple(map(canonical, lab.get("threat_addresses", ()))),
        server_role=lab.get("server_role", ""),
    )


def _run(run: Mapping[str, Any]) -> Run:
    return Run(run["number"], utc(run["started_at"]), utc(run["finished_at"]), run["via"])


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _commands(path: Path) -> tuple[CommandRecord, ...]:
    by_instance: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in _lines(path):
        time, stream, message = line.split(" ", 2)
        milliseconds = int(datetime.fromisoformat(time).timestamp() * 1000)
        by_instance[stream].append({"timestamp": milliseconds, "message": message})
    found = [r for stream, events in by_instance.items() for r in commands.parse(events, stream)]
    return tuple(sorted(found, key=lambda record: record.logged_at))


def _document(path: Path, key: str) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))[key]
    return found


def _findings(path: Path) -> tuple[Finding, ...]:
    return tuple(findings.parse(document) for document in _document(path, "Findings"))


def _history(path: Path) -> tuple[ApiEvent, ...]:
    return tuple(history.parse(event) for event in _document(path, "Events"))


def _trail(path: Path) -> tuple[ApiEvent, ...]:
    return tuple(trail.parse(record) for record in _document(path, "Records"))
