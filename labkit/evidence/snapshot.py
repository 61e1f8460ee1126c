"""Snapshots: a seat's evidence bundle in one file, so that labkit can grade it again without AWS.

A snapshot is ``<seat>.json.gz``: JSON with the format's ``version``, and the flow records at its end as lines of a
flow log. The flow records are most of it. They're in a gzip member of their own, so that labkit can unpack them only
when a check needs them. For any other program that reads gzip, the file is one document.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from labkit.errors import GraderError, UsageError
from labkit.evidence import flows
from labkit.model import Activity, Answer, Evidence, EvidenceBundle

VERSION = 1
_SUFFIX = ".json.gz"
# JSON would escape a line break, and unescaping takes as long as all the rest of loading.
_LINE_END = ";"
_GZIP = zlib.MAX_WBITS | 16  # selects the gzip format (zlib manual)
_ROOM = 4 * 2**20  # initial buffer in bytes: enough for 40,000 lines without growing
_EVIDENCE = TypeAdapter(Evidence)
_ANSWERS = TypeAdapter(tuple[Answer, ...])
_ACTIVITY = TypeAdapter(tuple[Activity, ...] | None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An evidence bundle with its workshop and scenario."""

    workshop: str
    scenario: str
    bundle: EvidenceBundle


def save(snapshot: Snapshot, folder: Path) -> Path:
    """Write a snapshot to a folder, which is created if necessary; equal snapshots give equal bytes."""
    evidence = snapshot.bundle.evidence
    lines = [flows.as_line(record) for record in evidence.flows]
    line_end = _LINE_END if not any(_LINE_END in line for line in lines) else "\n"
    document = {
        "version": VERSION,
        "workshop": snapshot.workshop,
        "scenario": snapshot.scenario,
        "evidence": _EVIDENCE.dump_python(replace(evidence, flows=()), mode="json"),
        "answers": _ANSWERS.dump_python(snapshot.bundle.answers, mode="json"),
        "hints_used": dict(snapshot.bundle.hints_used),
        "activity": _ACTIVITY.dump_python(snapshot.bundle.activity, mode="json"),
        "flow_lines_end_with": line_end,
    }
    head = json.dumps(document, separators=(",", ":"))
    tail = json.dumps(line_end.join(lines))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{evidence.seat}{_SUFFIX}"
    path.write_bytes(_packed(f'{head[:-1]},"flows":"') + _packed(f"{tail[1:]}}}"))
    return path


def _packed(text: str) -> bytes:
    return gzip.compress(text.encode(), compresslevel=4, mtime=0)


def paths(folder: Path) -> tuple[Path, ...]:
    """Return the snapshots in a folder, by seat; raises ``UsageError`` if there are none."""
    found = tuple(sorted(folder.glob(f"*{_SUFFIX}")))
    if not found:
        raise UsageError(
            f"There are no snapshots in {folder}.",
            "To write some, run: labkit grade --save-evidence DIR",
        )
    return found


def load_all(folder: Path) -> Iterator[Snapshot]:
    """Yield every snapshot in a folder."""
    return (load(path) for path in paths(folder))


def load(path: Path) -> Snapshot:
    """Read a snapshot; raises ``UsageError`` if its format is too new, or if it isn't a snapshot.

    Its flow records are unpacked on first use, which raises ``GraderError`` if they're damaged.
    """
    try:
        document, packed = _first_member(path.read_bytes())
        version = document["version"]
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as error:
        raise _unreadable(path, type(error).__name__) from error
    if not isinstance(version, int) or version > VERSION:
        raise UsageError(
            f"{path} has snapshot format {version}, but this labkit reads only up to {VERSION}.",
            "Grade it with the version of labkit that wrote it, or a newer one.",
        )
    try:
        evidence = _EVIDENCE.validate_python(document["evidence"])
        line_end = document["flow_lines_end_with"]
        records = (
            PackedFlowLog(packed, line_end, path)
            if packed
            else flows.FlowLog(document["flows"], line_end=line_end)
        )
        bundle = EvidenceBundle(
            replace(evidence, flows=records),
            _ANSWERS.validate_python(document["answers"]),
            document["hints_used"],
            _ACTIVITY.validate_python(document["activity"]),
        )
        return Snapshot(document["workshop"], document["scenario"], bundle)
    except (ValidationError, KeyError, AttributeError) as error:
        raise _unreadable(path, type(error).__name__) from error


def _first_member(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the JSON of a snapshot, and its packed flow records if they're in a member of their own."""
    unpacking = zlib.decompressobj(_GZIP)
    text = unpacking.decompress(content)
    if not unpacking.eof:
        raise EOFError
    packed = unpacking.unused_data
    document: dict[str, Any] = json.loads(text + b'"}' if packed else text)
    return document, packed


def _read_string(body: bytes) -> str:
    """Decode a JSON string without its quotation marks."""
    return str(json.loads(b'"' + body + b'"')) if b"\\" in body else body.decode()


class PackedFlowLog(flows.FlowLog):
    """Flow records that are unpacked on first use."""

    def __init__(self, packed: bytes, line_end: str, path: Path) -> None:
        super().__init__("", line_end=line_end)
        self._packed = packed
        self._path = path

    @cached_property
    def _is_plain(self) -> bool:
        return True  # flows.as_line writes one space between fields.

    @property
    def text(self) -> str:
        if self._packed:
            try:
                body = zlib.decompress(self._packed, _GZIP, _ROOM)
                self._text = _read_string(body.removesuffix(b'"}'))
            except (ValueError, zlib.error) as error:
                raise GraderError(
                    f"The flow records in {self._path.name} are cut off or damaged.",
                    "Collect the evidence again.",
                ) from error
            self._packed = b""
        return self._text


def _unreadable(path: Path, why: str) -> UsageError:
    return UsageError(f"{path} isn't a snapshot of a seat ({why}).", "Collect the evidence again.")
