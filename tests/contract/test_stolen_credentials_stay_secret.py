"""labkit uses the credentials that a server's terminal showed, but they appear in no output, file, log, or parameter."""

from __future__ import annotations

import gzip
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from labkit.embedded_aws import embedded_aws
from labkit.evidence.snapshot import Snapshot, save
from labkit.grading.timeline import timeline
from labkit.report.as_html import as_html
from labkit.report.as_json import as_json
from labkit.scenario import find_scenario, scenarios
from labkit.simulate import stolen_credentials
from labkit.workflow import demo_run
from labkit.workflow.collect import collect_class, split_results
from labkit.workflow.grade import judge_class

WITH_CALLS = sorted(name for name, found in scenarios().items() if found.outside)


@pytest.mark.parametrize("scenario", WITH_CALLS)
def test_nothing_that_stays_has_the_secret_or_the_token(
    scenario: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    taken: list[stolen_credentials.StolenCredentials] = []
    read_credentials = stolen_credentials.read_credentials

    def watched(shown: str) -> stolen_credentials.StolenCredentials:
        taken.append(read_credentials(shown))
        return taken[-1]

    monkeypatch.setattr(stolen_credentials, "read_credentials", watched)
    caplog.set_level(logging.DEBUG, "labkit")
    with embedded_aws(demo_run.REGION):
        work = demo_run.begin(1, scenario)
        demo_run.require_state(work.up(), "ready")
        rows = work.simulate()
        demo_run.require_state(rows, "incident")
        found, failed = split_results(collect_class(work, wait=demo_run.EVIDENCE_WAIT))
        assert failed == []
        kept = everything_kept(work, rows, found, tmp_path)
        (seat,) = work.seats
        ssm = work.cloud.account(seat.account).client("ssm")
        pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/labkit", Recursive=True)
        kept += [parameter["Value"] for page in pages for parameter in page["Parameters"]]
    printed = capfd.readouterr()
    kept += [printed.out, printed.err, caplog.text]

    (keys,) = taken
    assert any(keys.access_key_id in text for text in kept)  # this is the right run
    for text in kept:
        assert keys.secret_access_key not in text
        # CloudTrail's own record of how the server got its session has the token, which is useless without the secret.
        assert keys.session_token not in text.replace(f'"sessionToken":"{keys.session_token}"', "")


def everything_kept(
    work: Any, rows: list[dict[str, Any]], bundles: list[Any], folder: Path
) -> list[str]:
    """What the commands print, save, and report, and everything in the logs."""
    grades = judge_class(work, bundles)
    checks = find_scenario(work.workshop.scenario).checks_folder
    said = [
        json.dumps(rows, default=str),
        json.dumps(as_json(grades), default=str),
        as_html(grades),
    ]
    for bundle in bundles:
        path = save(Snapshot("w", work.workshop.scenario, bundle), folder)
        said.append(gzip.decompress(path.read_bytes()).decode())
        said += [proof.line for proof in timeline(checks, bundle.evidence)]
    return said
