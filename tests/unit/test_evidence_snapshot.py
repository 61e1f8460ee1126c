from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labkit.errors import UsageError
from labkit.evidence.snapshot import VERSION, Snapshot, load, load_all, save
from labkit.grading import samples
from labkit.grading.session import grade, grade_snapshots
from labkit.model import Activity, Answer, EvidenceBundle, Outcome, SourceReport, SourceState

CHECKS = Path(__file__).resolve().parents[2] / "checks" / "malicious_callout"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def bundle(name: str = "one_run") -> EvidenceBundle:
    evidence = samples.evidence(CHECKS / "samples" / name)
    first, *others = evidence.sources
    late = SourceReport(first.source, SourceState.LATE, "", NOW.replace(microsecond=123456))
    answers = (
        Answer("command", ("l\u00e9s\u2026", "2"), 3, NOW, None),
        Answer("instance", ("i-0b9f8e7d6c5b4a392",)),
        Answer("operator_address", ("192.0.2.210",)),
        Answer(
            "callout_address", (), 1, None, "it is stored as SecureString, not as a plain String"
        ),
    )
    acts = (Activity(NOW, "log search", "caf\u00e9", 2, "AccessDenied"),)
    return EvidenceBundle(
        replace(evidence, sources=(late, *others)), answers, {"instance": 1}, acts
    )


def test_a_snapshot_holds_the_whole_dossier(tmp_path: Path) -> None:
    whole = Snapshot("class", "malicious_callout", bundle())

    path = save(whole, tmp_path / "evidence")

    assert path.name == "ada.json.gz"
    assert load(path) == whole


def test_the_same_dossier_gives_the_same_bytes(tmp_path: Path) -> None:
    snapshot = Snapshot("class", "malicious_callout", bundle())

    first, second = (
        save(snapshot, tmp_path / "a"),
        save(load(save(snapshot, tmp_path / "c")), tmp_path / "b"),
    )

    assert first.read_bytes() == second.read_bytes()
    # The gzip header (RFC 1952, 2.3) has the time of writing in bytes 4 to 7.
    assert first.read_bytes()[4:8] == bytes(4)


def test_a_snapshot_is_one_document_to_any_reader_of_gzip_and_json(tmp_path: Path) -> None:
    whole = Snapshot("class", "malicious_callout", bundle())
    path = save(whole, tmp_path)

    document = json.loads(gzip.decompress(path.read_bytes()))

    assert document["version"] == VERSION
    assert len(document["flows"].split(";")) == len(whole.bundle.evidence.flows)
    path.write_bytes(gzip.compress(json.dumps(document).encode()))  # someone repacked it
    assert load(path) == whole


def test_flow_records_that_cannot_be_unpacked_are_the_graders_fault(tmp_path: Path) -> None:
    answers = (Answer("callout_address", ("192.0.2.1",)), Answer("instance", ("i-99999999",)))
    given = EvidenceBundle(bundle().evidence, answers)
    path = save(Snapshot("class", "malicious_callout", given), tmp_path)
    path.write_bytes(path.read_bytes()[:-50])

    grades = grade_snapshots(CHECKS, [path], workshop="class", scenario="x", now=NOW)

    told = {verdict.task: verdict for verdict in grades.seats[0].verdicts}
    assert told["instance"].outcome is Outcome.WRONG
    assert told["callout_address"].outcome is Outcome.ERROR
    assert "ada.json.gz are cut off or damaged" in told["callout_address"].message


def test_grading_from_snapshots_gives_the_same_verdicts(tmp_path: Path) -> None:
    bundles = [bundle("one_run"), bundle("two_runs"), bundle("by_run_command")]
    paths = [save(Snapshot("class", "malicious_callout", d), tmp_path) for d in bundles]

    live = grade(CHECKS, bundles, workshop="class", scenario="malicious_callout", now=NOW)
    again = grade_snapshots(CHECKS, paths, workshop="class", scenario="malicious_callout", now=NOW)

    assert again == live
    assert [snapshot.bundle for snapshot in load_all(tmp_path)] == sorted(
        bundles, key=lambda d: d.evidence.seat
    )


def test_a_snapshot_of_a_newer_labkit_is_refused_with_a_clear_line(tmp_path: Path) -> None:
    path = save(Snapshot("class", "malicious_callout", bundle()), tmp_path)
    document = json.loads(gzip.decompress(path.read_bytes())) | {"version": VERSION + 1}
    path.write_bytes(gzip.compress(json.dumps(document).encode()))

    with pytest.raises(UsageError) as refused:
        load(path)

    assert (
        f"format {VERSION + 1}, but this labkit reads only up to {VERSION}" in refused.value.message
    )
    assert "newer" in refused.value.hint


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{}", id="not zipped"),
        pytest.param(gzip.compress(b"[1]"), id="no object"),
        pytest.param(gzip.compress(b'{"version": 1}'), id="no evidence"),
    ],
)
def test_a_file_that_is_no_snapshot_is_refused_with_a_clear_line(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "ada.json.gz"
    path.write_bytes(content)

    with pytest.raises(UsageError, match="isn't a snapshot of a seat"):
        load(path)


def test_a_folder_without_snapshots_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no snapshots"):
        load_all(tmp_path)


def test_odd_flow_records_survive(tmp_path: Path) -> None:
    whole = bundle()
    flows = whole.evidence.flows
    for odd in ((), flows[:1], (flows[0]._replace(status='O;K"\\u00e9'), *flows)):
        snapshot = Snapshot("w", "s", replace(whole, evidence=replace(whole.evidence, flows=odd)))

        assert load(save(snapshot, tmp_path)) == snapshot
