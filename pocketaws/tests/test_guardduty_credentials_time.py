"""Findings about stolen credentials over time: AWS's delays, and a killed process."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws

from .conftest import REGION, client_factory
from .kills import Process
from .servers import Shell, Site, make_site
from .taken import by_run_command, clients_with, credentials_of

TYPE = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"


def findings(guardduty: Any, detector: str) -> list[dict[str, Any]]:
    ids = guardduty.list_findings(
        DetectorId=detector, FindingCriteria={"Criterion": {"type": {"Eq": [TYPE]}}}
    )["FindingIds"]
    return list(guardduty.get_findings(DetectorId=detector, FindingIds=ids)["Findings"])


def test_a_finding_takes_its_time_and_its_order_does_not_matter() -> None:
    clock = ManualClock(datetime.now(UTC).replace(microsecond=0))
    with LocalAws(region=REGION, clock=clock, delays="aws") as aws:
        key = aws.administrator
        site = make_site(client_factory(aws, key.access_key_id, key.secret_access_key))
        guardduty = site.client("guardduty")
        detector = guardduty.create_detector(Enable=True)["DetectorId"]
        server = site.run()
        for _ in range(3):
            clock.advance(60)
            site.describe(server)
        outside = clients_with(aws, credentials_of(Shell(aws, key.account, server), site.profile))
        times = []
        for _ in range(8):
            times.append(clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z"))
            outside("sts").get_caller_identity()
            clock.advance(20)
        last = clock.now()
        outside("ec2").describe_regions()
        clock.advance(130)
        assert findings(guardduty, detector) == []
        for _ in range(30):
            clock.advance(60)
            guardduty.list_detectors()
        (finding,) = findings(guardduty, detector)
        service = finding["Service"]
        assert service["Count"] == 9
        assert service["EventFirstSeen"] == times[0]
        assert service["EventLastSeen"] == last.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        assert service["Action"]["AwsApiCallAction"]["Api"] == "DescribeRegions"
        assert finding["CreatedAt"] > service["EventFirstSeen"]


def test_a_finding_survives_a_killed_process(tmp_path: Path) -> None:
    first = Process(tmp_path)
    site = make_site(first.administrator())
    guardduty = site.client("guardduty")
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    server = site.run()
    site.describe(server)
    keys = by_run_command(site, server)
    words = (keys["AccessKeyId"], keys["SecretAccessKey"], keys["Token"])
    first.clients(*words)("sts").get_caller_identity()
    before = findings(guardduty, detector)
    first.clients(*words)("ec2").describe_regions()  # nobody has read the result
    first.kill()
    second = Process(tmp_path)
    try:
        again = Site(second.administrator(), *list(vars(site).values())[1:])
        (finding,) = findings(again.client("guardduty"), detector)
        assert [finding["Id"]] == [each["Id"] for each in before]
        assert finding["Service"]["Count"] == before[0]["Service"]["Count"] + 1
        assert finding["Resource"]["AccessKeyDetails"]["AccessKeyId"] == keys["AccessKeyId"]
        second.clients(*words)("sts").get_caller_identity()
        (later,) = findings(again.client("guardduty"), detector)
        assert later["Service"]["Count"] == finding["Service"]["Count"] + 1
    finally:
        second.kill()
