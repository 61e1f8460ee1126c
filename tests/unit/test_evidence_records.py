"""Findings, event history, and trail files, tested with records that labkit didn't write."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from labkit.evidence import findings, history, trail
from labkit.evidence.window import Window

WINDOW = Window(datetime(2026, 3, 2, 23, 40, tzinfo=UTC), datetime(2026, 3, 2, 23, 55, tzinfo=UTC))


def test_a_finding_event_is_read(samples: Path) -> None:
    event = json.loads((samples / "guardduty" / "native-finding-event.json").read_text())

    found = findings.parse(event["detail"])

    assert found.finding_id == "9cb23f1045960059d513fbca6ddfa23c"
    assert found.type == "Backdoor:EC2/C&CActivity.B!DNS"
    assert found.instance_id == "i-0cfa95df85c8cb7c6"
    assert found.remote_address is None
    assert found.list_name == "TestDomain"
    assert found.first_seen == datetime(2018, 7, 9, 8, 0, 26, tzinfo=UTC)
    assert not found.sample


def test_a_finding_of_the_api_is_the_same_finding(samples: Path) -> None:
    """GetFindings has capitalized keys, and additionalInfo as JSON text (GuardDuty API reference)."""
    event = json.loads((samples / "guardduty" / "native-finding-event.json").read_text())
    answer = capitals(event["detail"])
    answer["Service"]["AdditionalInfo"] = {
        "Type": "default", "Value": json.dumps({"threatListName": "TestDomain"}),
    }  # fmt: skip

    assert findings.parse(answer) == findings.parse(event["detail"])


def capitals(document: object) -> dict[str, object]:
    def walk(value: object) -> object:
        if isinstance(value, dict):
            return {key[0].upper() + key[1:]: walk(entry) for key, entry in value.items()}
        return [walk(entry) for entry in value] if isinstance(value, list) else value

    found = walk(document)
    assert isinstance(found, dict)
    return found


def test_sample_findings_are_known_as_such() -> None:
    finding = {
        "Id": "1", "Type": "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom",
        "Resource": {"InstanceDetails": {"InstanceId": "i-99999999"}},
        "Service": {
            "EventFirstSeen": "2026-03-02T09:14:41Z", "EventLastSeen": "2026-03-02T09:14:41Z",
            "Action": {"NetworkConnectionAction": {"RemoteIpDetails": {"IpAddressV4": "198.51.100.0"}}},
            "AdditionalInfo": {"Type": "default", "Value": '{"sample": true}'},
        },
    }  # fmt: skip

    found = findings.parse(finding)

    assert found.sample
    assert found.remote_address == "198.51.100.0"


def test_every_real_trail_record_is_read(samples: Path) -> None:
    read = 0
    for path in sorted((samples / "cloudtrail").glob("detonation-*records.json.gz")):
        for record in trail.read_file(path.read_bytes()):
            event = trail.parse(record)
            assert event.time.tzinfo is UTC
            assert event.event_id == record["eventID"]
            assert event.error_code == record.get("errorCode")
            read += 1
    assert read == 310


def test_the_caller_is_the_session_the_user_or_the_service(samples: Path) -> None:
    path = samples / "cloudtrail" / "detonation-records.json.gz"
    records = [
        r for r in trail.read_file(path.read_bytes()) if r["eventName"] == "SendSSHPublicKey"
    ]
    assert records
    for record in records:
        arn = record["userIdentity"]["arn"]
        assert trail.caller(record) == arn.rpartition("/")[2]
    assert trail.caller({"userIdentity": {"type": "Root"}}) == "root"
    service = {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}
    assert trail.caller({"userIdentity": service}) == "ec2.amazonaws.com"


def test_event_history_lists_what_a_call_was_about(samples: Path) -> None:
    known = json.loads((samples / "cloudtrail" / "event-history-resources.json").read_text())
    event = {
        "EventId": "e1", "EventName": "RunInstances", "ReadOnly": "false", "Username": "labkit",
        "EventTime": datetime(2026, 3, 2, 9, 14, 41, tzinfo=UTC), "EventSource": "ec2.amazonaws.com",
        "Resources": [
            {"ResourceName": name, "ResourceType": kind}
            for name, kind in known["Resources"]["RunInstances"]
        ],
        "CloudTrailEvent": json.dumps({"sourceIPAddress": "192.0.2.7", "readOnly": False}),
    }  # fmt: skip

    found = history.parse(event)

    assert "i-08b3f8f7dcc08d7e4" in found.resources
    assert (found.read_only, found.user, found.address) == (False, "labkit", "192.0.2.7")
    assert history.parse(event | {"ReadOnly": "true"}).read_only


def test_files_are_looked_for_in_the_days_of_delivery() -> None:
    assert trail.days([WINDOW]) == ("2026/03/02", "2026/03/03")


def test_files_delivered_long_before_or_after_are_not_read() -> None:
    stem = "AWSLogs/1/CloudTrail/eu-west-1/2026/03/02/1_CloudTrail_eu-west-1_"

    assert trail.may_hold(f"{stem}20260302T2340Z_abcdefghijklmnop.json.gz", [WINDOW])
    assert trail.may_hold(f"{stem}20260303T0050Z_abcdefghijklmnop.json.gz", [WINDOW])
    assert not trail.may_hold(f"{stem}20260302T2335Z_abcdefghijklmnop.json.gz", [WINDOW])
    assert not trail.may_hold(f"{stem}20260303T0100Z_abcdefghijklmnop.json.gz", [WINDOW])
    assert not trail.may_hold("AWSLogs/1/CloudTrail/eu-west-1/", [WINDOW])


class Bucket:
    """The files of a trail, listed two at a time."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.read: list[str] = []

    def list_objects_v2(self, **asked: str) -> dict[str, object]:
        assert asked["Bucket"] == "trail-bucket"
        keys = sorted(key for key in self.files if key.startswith(asked["Prefix"]))
        start = int(asked.get("ContinuationToken", "0"))
        page: dict[str, object] = {"Contents": [{"Key": key} for key in keys[start : start + 2]]}
        return page | ({"NextContinuationToken": str(start + 2)} if keys[start + 2 :] else {})

    def get_object(self, **asked: str) -> dict[str, object]:
        self.read.append(asked["Key"])
        return {"Body": Body(self.files[asked["Key"]])}


class Body:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self) -> bytes:
        return self.content


def test_a_record_that_was_delivered_twice_counts_once() -> None:
    inside, outside = WINDOW.start + timedelta(minutes=1), WINDOW.start - timedelta(minutes=1)
    twice, late = record("a", inside), record("b", WINDOW.end)
    files = {
        key("02", "20260302T2345Z", 1): file(record("old", outside), twice),
        key("02", "20260302T2350Z", 2): file(twice),
        key("02", "20260302T2355Z", 3): file(),
        key("03", "20260303T0005Z", 4): file(late),
        key("02", "20260302T2100Z", 5): file(record("early", inside)),
    }
    bucket = Bucket(files)

    found = trail.fetch(bucket, "trail-bucket", "1", "eu-west-1", [WINDOW])

    assert [event.event_id for event in found] == ["a", "b"]
    assert len(bucket.read) == 4


def key(day: str, delivered: str, number: int) -> str:
    return (
        f"AWSLogs/1/CloudTrail/eu-west-1/2026/03/{day}/"
        f"1_CloudTrail_eu-west-1_{delivered}_{number:016}.json.gz"
    )


def file(*records: dict[str, object]) -> bytes:
    return gzip.compress(json.dumps({"Records": records}).encode())


def record(event_id: str, time: datetime) -> dict[str, object]:
    return {
        "eventID": event_id, "eventName": "StopInstances", "eventSource": "ec2.amazonaws.com",
        "eventTime": f"{time:%Y-%m-%dT%H:%M:%SZ}", "userIdentity": {"type": "Root"},
    }  # fmt: skip


def test_very_long_parameters_are_cut_and_nothing_else() -> None:
    """Attendees can make any number of long queries."""
    record = {
        "eventName": "StartQueryExecution",
        "eventTime": "2026-03-02T09:20:00Z",
        "requestParameters": {"queryString": "x" * 250_000, "workGroup": "w", "n": 1},
    }

    event = trail.parse(record)

    asked = event.record["requestParameters"]
    assert len(asked["queryString"]) < 9000
    assert (asked["workGroup"], asked["n"]) == ("w", 1)
    short = {**record, "requestParameters": {"queryString": "x" * 8192}}
    assert trail.parse(short).record == short
    assert trail.parse({**record, "requestParameters": None}).record["requestParameters"] is None
