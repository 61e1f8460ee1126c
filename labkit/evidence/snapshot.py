"""Snapshots: the dossier of a seat in one file, to be graded again without the cloud.

``<seat>.json.gz``: JSON with the format's ``version``; the flow records stand in it as lines of a flow log,
which is compact and fast to read.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from labkit.errors import UsageError
from labkit.evidence import flows
from labkit.model import Answer, Dossier, Evidence, FlowRecord

VERSION = 1
_SUFFIX = ".json.gz"
_EVIDENCE = TypeAdapter(Evidence)
_ANSWERS = TypeAdapter(tuple[Answer, ...])


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A dossier and what it belongs to."""

    workshop: str
    scenario: str
    dossier: Dossier


def save(snapshot: Snapshot, folder: Path) -> Path:
    """Write a snapshot into a folder, which is made if need be; the same content gives the same bytes."""
    evidence = snapshot.dossier.evidence
    document = {
        "version": VERSION,
        "workshop": snapshot.workshop,
        "scenario": snapshot.scenario,
        "evidence": _EVIDENCE.dump_python(replace(evidence, flows=()), mode="json"),
        "flows": "\n".join(_lines(evidence.flows)),
        "answers": _ANSWERS.dump_python(snapshot.dossier.answers, mode="json"),
        "hints_used": dict(snapshot.dossier.hints_used),
    }
    text = json.dumps(document, separators=(",", ":"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{evidence.seat}{_SUFFIX}"
    path.write_bytes(gzip.compress(text.encode(), compresslevel=4, mtime=0))
    return path


def paths(folder: Path) -> tuple[Path, ...]:
    """The snapshots in a folder, by seat; raises ``UsageError`` if there are none."""
    found = tuple(sorted(folder.glob(f"*{_SUFFIX}")))
    if not found:
        raise UsageError(
            f"There are no snapshots in {folder}.",
            "'labkit grade --save-evidence DIR' writes them.",
        )
    return found


def load_all(folder: Path) -> Iterator[Snapshot]:
    """Every snapshot of a folder, one after the other."""
    return (load(path) for path in paths(folder))


def load(path: Path) -> Snapshot:
    """Read a snapshot; raises ``UsageError`` for one that is too new, or is none."""
    try:
        document = json.loads(gzip.decompress(path.read_bytes()))
        version = document["version"]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(path, type(error).__name__) from error
    if not isinstance(version, int) or version > VERSION:
        raise UsageError(
            f"{path} has the snapshot format {version}; this labkit knows up to {VERSION}.",
            "Grade it with the version of labkit that wrote it, or a newer one.",
        )
    try:
        evidence = _EVIDENCE.validate_python(document["evidence"])
        parsed = flows.parse(document["flows"].splitlines())
        dossier = Dossier(
            replace(evidence, flows=parsed.records),
            _ANSWERS.validate_python(document["answers"]),
            document["hints_used"],
        )
        return Snapshot(document["workshop"], document["scenario"], dossier)
    except (ValidationError, KeyError, AttributeError) as error:
        raise _unreadable(path, type(error).__name__) from error


def _unreadable(path: Path, why: str) -> UsageError:
    return UsageError(f"{path} is no snapshot of a seat ({why}).", "Collect the evidence again.")


def _lines(records: Iterable[FlowRecord]) -> Iterator[str]:
    for record in records:
        start, end = int(record.started_at.timestamp()), int(record.ended_at.timestamp())
        seen = (*record[1:8], start, end, record.action)
        middle = " ".join("-" if value is None else str(value) for value in seen)
        yield f"2 - {record.interface_id} {middle} {record.status}"
